import type { Command } from "commander";
import { placesIn } from "../gateway/places.ts";
import { exportJournal, rebuildJournal, verifyJournal } from "../journal/index.ts";
import type { Add } from "./program.ts";

/** `baygate journal verify|rebuild|export`, on the data of a stopped gateway. */
export function journalCommands(program: Command, add: Add): void {
  const journal = program.command("journal").description("the gateway's records, while it is stopped");

  add(journal, "verify", "check every chain, every gap and the read models", async (terminal, options) => {
    const report = verifyJournal(placesIn(options.data).journal);
    terminal.result(report, (language) => [
      ...report.chains.map((chain) => JSON.stringify(chain)),
      report.ok
        ? language === "en"
          ? "✓ every chain is whole, and the read models agree with it"
          : "✓ 所有链完整,读模型一致"
        : language === "en"
          ? `✗ not whole: ${report.integrity}; ${report.readModels.length} read models differ. Read models are mended by: baygate journal rebuild`
          : `✗ 不完整:${report.integrity};${report.readModels.length} 个读模型不一致。可用 baygate journal rebuild 修复读模型`,
    ]);
    return report.ok ? 0 : 1;
  });

  add(journal, "rebuild", "make the read models anew from checkpoint and records", async (terminal, options) => {
    const report = rebuildJournal(placesIn(options.data).journal);
    terminal.result({ ok: true, ...report }, (language) => [
      language === "en"
        ? `✓ rebuilt from ${report.records} records; ${report.mended.length} read models differed`
        : `✓ 已从 ${report.records} 条记录重建;${report.mended.length} 个读模型有差异`,
    ]);
    return 0;
  });

  add(journal, "export", "every record as a line of JSON, in the order of commit", async (terminal, options) => {
    const lines = exportJournal(placesIn(options.data).journal);
    if (!terminal.json) {
      for (const line of lines) process.stdout.write(line);
      return 0;
    }
    terminal.result({ records: [...lines].map((line): unknown => JSON.parse(line)) }, () => []);
    return 0;
  });
}
