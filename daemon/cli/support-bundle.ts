import { mkdir, readFile, stat } from "node:fs/promises";
import { arch, cpus, freemem, release, totalmem, uptime } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Command } from "commander";
import { writeDurably } from "../../machine/durable-file.ts";
import { placesIn } from "../gateway/places.ts";
import { type Running, readRunning } from "../gateway/running.ts";
import { DATABASE_FILE } from "../journal/index.ts";
import { BOX_CHECKS, type Check, RUNNING_CHECKS } from "./doctor-checks.ts";
import { askOwnGateway } from "./own-gateway.ts";
import type { Add } from "./program.ts";
import { explain } from "./terminal.ts";
import { VERSION } from "./version.ts";

/** Names whose values never leave the box. */
const SECRET = /password|secret|token|code|key|badge|hash/i;

/** `baygate support-bundle FILE`: one compressed JSON document with what somebody far away needs, and no secret, no picture and nobody's name in it. */
export function supportCommand(program: Command, add: Add): void {
  add(
    program,
    "support-bundle <file>",
    "write one file for support: doctor, configuration without secrets, states and figures",
    async (terminal, options, file = "") => {
      const places = placesIn(options.data);
      const running = await readRunning(places.running);
      const bundle = {
        version: VERSION,
        node: process.version,
        machine: {
          arch: arch(),
          kernel: release(),
          cores: cpus().length,
          memoryBytes: totalmem(),
          freeBytes: freemem(),
          uptimeSeconds: Math.round(uptime()),
        },
        doctor: await Promise.all([...BOX_CHECKS, ...RUNNING_CHECKS].map((check) => examined(check, options))),
        configuration: redact(await textOf(options.config)),
        running: running ?? null,
        metrics: running === undefined ? null : await metricsOf(running, options.data),
        journalBytes: await sizeOf(join(places.journal, DATABASE_FILE)),
      };
      await mkdir(join(file, ".."), { recursive: true });
      await writeDurably(file, gzipSync(JSON.stringify(bundle, null, 2)), { mode: 0o600 });
      terminal.result({ ok: true, file }, (language) => [
        language === "en" ? `✓ ${file} (gzip JSON, no secrets)` : `✓ ${file}(gzip JSON,不含机密)`,
      ]);
      return 0;
    },
  );
}

async function examined(check: Check, places: Parameters<Check["examine"]>[0]): Promise<object> {
  try {
    return { check: check.name, ...(await check.examine(places)) };
  } catch (error) {
    return { check: check.name, state: "fault", ...explain(error, "en").document };
  }
}

/** Lines of YAML whose key sounds like a secret lose their value. */
export function redact(yaml: string | null): string | null {
  if (yaml === null) return null;
  return yaml
    .split("\n")
    .map((line) => {
      const match = /^(\s*(?:- )?)([\w-]+)(\s*:\s*)(\S.*)$/.exec(line);
      const key = match?.[2] ?? "";
      // A file's name is no secret, its content is.
      return match !== null && SECRET.test(key) && !/File$/.test(key) ? `${match[1]}${key}${match[3]}[removed]` : line;
    })
    .join("\n");
}

/** The gateway's figures, or why there are none: a bundle is of use without them, too. */
async function metricsOf(running: Running, data: string): Promise<string> {
  try {
    const { status, body } = await askOwnGateway(running, data, "/metrics");
    return status === 200 ? body : `# ${running.page}/metrics answers ${status}\n`;
  } catch (error) {
    return `# not read: ${error instanceof Error ? error.message : String(error)}\n`;
  }
}

async function textOf(file: string): Promise<string | null> {
  try {
    return await readFile(file, "utf8");
  } catch {
    return null;
  }
}

async function sizeOf(file: string): Promise<number | null> {
  try {
    return (await stat(file)).size;
  } catch {
    return null;
  }
}
