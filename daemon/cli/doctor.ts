import { mkdir } from "node:fs/promises";
import type { Command } from "commander";
import type { Language } from "../../contract/errors.ts";
import { BOX_CHECKS, type Check, type Finding, RUNNING_CHECKS } from "./doctor-checks.ts";
import type { Add } from "./program.ts";
import { explain } from "./terminal.ts";

const MARKS = { ok: "✓", warning: "!", fault: "✗" } as const;

/** `baygate doctor`: is this box fit, and is what runs on it well? Useful before, during and after an installation. */
export function doctorCommand(program: Command, add: Add): void {
  add(
    program,
    "doctor",
    "check Node, disk, database, clock, configuration, broker, cameras, model and headquarters",
    async (terminal, options) => {
      await mkdir(options.data, { recursive: true });
      const findings: (Finding & { readonly check: string })[] = [];
      for (const check of [...BOX_CHECKS, ...RUNNING_CHECKS]) {
        const finding = await examine(check, options, terminal.language);
        findings.push({ check: check.name, ...finding });
        terminal.say(line(finding, terminal.language));
      }
      const faults = findings.filter(({ state }) => state === "fault").length;
      const warnings = findings.filter(({ state }) => state === "warning").length;
      terminal.result({ ok: faults === 0, faults, warnings, findings }, (language) => [
        language === "en"
          ? `${findings.length} checks: ${faults} faults, ${warnings} warnings`
          : `共 ${findings.length} 项检查:${faults} 项故障,${warnings} 项警告`,
      ]);
      return faults === 0 ? 0 : 1;
    },
  );
}

async function examine(check: Check, options: Parameters<Check["examine"]>[0], language: Language): Promise<Finding> {
  try {
    return await check.examine(options);
  } catch (error) {
    const { lines } = explain(error, language);
    const text = lines.join(" ").replace(/^✗ /, "");
    return { state: "fault", what: { en: `${check.name}: ${text}`, "zh-CN": `${check.name}:${text}` } };
  }
}

function line({ state, what, remedy }: Finding, language: Language): string {
  return `${MARKS[state]} ${what[language]}${remedy === undefined ? "" : `\n    → ${remedy[language]}`}`;
}
