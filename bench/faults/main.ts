import { refuseOldNode } from "../../machine/node-version.ts";

refuseOldNode();

const { existsSync } = await import("node:fs");
const { mkdtemp, rm } = await import("node:fs/promises");
const { tmpdir } = await import("node:os");
const { join } = await import("node:path");
const { parseArgs } = await import("node:util");

const MEMORY_FOLDER = "/dev/shm";

const USAGE = `Usage: npm run faults -- kill [--cycles N] [--seed S] [--planted-bug NAME] [--json] [--keep]
       npm run faults -- slow-disk [--seconds N] [--json] [--keep]
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    cycles: { type: "string", default: "10" },
    /** When the kills fall; the same seed gives the same moments. */
    seed: { type: "string" },
    seconds: { type: "string", default: "20" },
    /** A bug of the gateway, planted to show that the checker notices: acknowledge-before-commit or forget-before-mark. */
    "planted-bug": { type: "string" },
    json: { type: "boolean", default: false },
    /** Keeps data and logs. */
    keep: { type: "boolean", default: false },
  },
});
const cycles = wholeNumber(values.cycles, 1, 10_000);
const seconds = wholeNumber(values.seconds, 5, 3_600);
const seed = values.seed === undefined ? Date.now() % 1_000_000 : wholeNumber(values.seed, 0, 2 ** 32 - 1);
const [run, ...more] = positionals;
if ((run !== "kill" && run !== "slow-disk") || more.length > 0) wrongUsage();

// The slow disk is slow by the injected time alone: on a file system in memory, where the machine has one, its own disk adds nothing.
const place = run === "slow-disk" && existsSync(MEMORY_FOLDER) ? MEMORY_FOLDER : tmpdir();
const folder = await mkdtemp(join(place, "baygate-faults-"));
const say = (line: string) => {
  if (!values.json) process.stderr.write(`${line}\n`);
};
try {
  const report = run === "kill" ? await kill() : await slowDisk();
  process.stdout.write(`${values.json ? JSON.stringify(report) : JSON.stringify(report, null, 2)}\n`);
  process.exitCode = report.ok ? 0 : 1;
} catch (error) {
  process.stderr.write(`The run broke off: ${error instanceof Error ? error.stack : String(error)}\n`);
  process.exitCode = 1;
} finally {
  if (values.keep) process.stderr.write(`kept: ${folder}\n`);
  else await rm(folder, { recursive: true, force: true });
}

async function kill() {
  const { killRun } = await import("./kill.ts");
  const plantedBug = values["planted-bug"];
  return killRun({ cycles, seed, folder, say, ...(plantedBug === undefined ? {} : { plantedBug }) });
}

async function slowDisk() {
  const { slowDiskRun } = await import("./slow-disk.ts");
  return slowDiskRun({ seconds, folder, say });
}

function wholeNumber(text: string, least: number, most: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least || value > most) wrongUsage();
  return value;
}

function wrongUsage(): never {
  process.stderr.write(USAGE);
  process.exit(2);
}
