import type { Command } from "commander";
import type { Language } from "../../contract/errors.ts";
import type { CheckedBundle } from "../vision/detect-images.ts";
import type { Add } from "./program.ts";
import { explain } from "./terminal.ts";

/** `baygate models check FOLDERS…`: whether the gateway would take these model bundles, by the code that would. */
export function modelCommands(program: Command, add: Add): void {
  const models = program.command("models").description("model bundles");
  add(
    models,
    "check <folders...>",
    "load and try model bundles as the gateway does, and say why one is refused",
    async (terminal, _options, ...folders) => {
      // ONNX Runtime is loaded where it is used.
      const { checkBundle } = await import("../vision/detect-images.ts");
      const checked: CheckedBundle[] = [];
      for (const folder of folders) checked.push(await checkBundle(folder, ["tensorrt", "cuda", "cpu"]));
      const bundles = checked.map((one) =>
        one.ok ? one : { folder: one.folder, ...explain(one.error, terminal.language).document },
      );
      terminal.result({ bundles }, (language) => checked.flatMap((one) => linesOf(one, language)));
      return checked.every(({ ok }) => ok) ? 0 : 1;
    },
  );
}

function linesOf(checked: CheckedBundle, language: Language): string[] {
  if (!checked.ok) return [`${checked.folder}:`, ...explain(checked.error, language).lines];
  const { folder, name, version, role, family, labels, provider } = checked;
  const what = `${name} ${version}, ${role}, ${family}, ${provider}`;
  return [
    language === "en"
      ? `✓ ${folder}: ${what}; finds ${labels.join(", ")}`
      : `✓ ${folder}:${what};可识别 ${labels.join("、")}`,
  ];
}
