import type { Command } from "commander";
import {
  type Configuration,
  type ConfigurationProblem,
  loadConfiguration,
  problemLine,
} from "../configuration/configuration.ts";
import type { Add } from "./program.ts";

/** `baygate config check [file]`: says every problem with its line, key path, value and remedy. */
export function configCommands(program: Command, add: Add): void {
  const config = program.command("config").description("the shop's configuration");
  add(
    config,
    "check [file]",
    "check shop.yaml: line, key path, value and remedy of every problem",
    async (terminal, options, given) => {
      const file = given === undefined || given === "undefined" ? options.config : given;
      const loaded = await loadConfiguration(file);
      const problems = loaded.ok ? loaded.warnings : loaded.problems;
      const faultCodeTexts = loaded.ok ? await checkFaultCodeTexts(loaded.configuration) : undefined;
      terminal.result(
        {
          ok: loaded.ok,
          file,
          problems: loaded.ok ? [] : problems,
          warnings: loaded.ok ? problems : [],
          faultCodeTexts,
        },
        (language) => [
          ...problems.map((problem) => `${loaded.ok ? "!" : "✗"} ${problemLine(problem, file, language)}`),
          ...(faultCodeTexts?.problems ?? []).map(
            (problem) => `! ${problemLine(problem, faultCodeTexts?.file ?? "", language)}`,
          ),
          loaded.ok
            ? language === "en"
              ? `✓ ${file}: ${Object.keys(loaded.configuration.bays).length} bays, ${Object.keys(loaded.configuration.cameras).length} cameras, nothing wrong`
              : `✓ ${file}:${Object.keys(loaded.configuration.bays).length} 个工位,${Object.keys(loaded.configuration.cameras).length} 个摄像头,没有错误`
            : language === "en"
              ? `${problems.length} to mend; the gateway would start in safe mode`
              : `共 ${problems.length} 处需要修改;网关将以安全模式启动`,
        ],
      );
      return loaded.ok ? 0 : 1;
    },
  );
}

/** What is wrong with the shop's own texts for fault codes, if it has any. The gateway starts without the notes that are wrong. */
async function checkFaultCodeTexts(
  configuration: Configuration,
): Promise<{ readonly file: string; readonly problems: readonly ConfigurationProblem[] } | undefined> {
  const file = configuration.diagnostics.faultCodeTexts;
  if (file === undefined) return undefined;
  const { readShopTexts } = await import("../fault-codes/index.ts");
  const { problems } = await readShopTexts(file);
  // Of a file that cannot be read at all the configuration has warned already.
  return { file, problems: problems.filter(({ line }) => line > 0) };
}
