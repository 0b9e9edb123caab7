import { readFileSync } from "node:fs";
import { findPackageJSON } from "node:module";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { refuseOldNode } from "../machine/node-version.ts";
import type { BenchOptions, BenchResult } from "./result.ts";

refuseOldNode();

/** Loaded by name only when asked for: a measurement pays for no other's imports. */
const MEASUREMENTS: Readonly<Record<string, () => Promise<{ bench(options: BenchOptions): Promise<BenchResult> }>>> = {
  vision: () => import("./vision.ts"),
  idle: () => import("./idle.ts"),
  memory: () => import("./memory.ts"),
  intake: () => import("./intake.ts"),
  journal: () => import("./journal.ts"),
  obd: () => import("./obd.ts"),
};

const { values, positionals: names } = parseArgs({
  allowPositionals: true,
  options: { json: { type: "boolean", default: false }, minutes: { type: "string" } },
});
const { json } = values;
const minutes = values.minutes === undefined ? undefined : Number(values.minutes);
if (minutes !== undefined && !(minutes >= 1 && minutes <= 600)) {
  process.stderr.write("--minutes takes 1 to 600\n");
  process.exit(2);
}
const unknown = names.filter((name) => MEASUREMENTS[name] === undefined);
if (names.length === 0 || unknown.length > 0) {
  process.stderr.write(
    `${unknown.length > 0 ? `unknown: ${unknown.join(", ")}. ` : ""}Usage: npm run bench -- NAME… [--json] [--minutes N], NAME one of ${Object.keys(MEASUREMENTS).join(", ")}\n`,
  );
  process.exit(2);
}

const results: BenchResult[] = [];
for (const name of names) {
  const measurement = await MEASUREMENTS[name]?.();
  if (measurement === undefined) continue;
  const result = await measurement.bench({ json, ...(minutes === undefined ? {} : { minutes }) });
  results.push(result);
  if (!json) process.stdout.write(asText(result));
}
const ok = results.every((result) => result.checks.every((check) => check.ok));
if (json) process.stdout.write(`${JSON.stringify({ ok, machine: machine(), results }, undefined, 2)}\n`);
else process.stdout.write(`\n${describeMachine()}\n`);
process.exitCode = ok ? 0 : 1;

function machine() {
  return {
    cores: cpus().length,
    processor: cpus()[0]?.model ?? "unknown",
    node: process.versions.node,
    packages: Object.fromEntries(
      ["onnxruntime-node", "sharp", "better-sqlite3", "aedes", "mqtt", "candied"].map((name) => [
        name,
        installedVersion(name),
      ]),
    ),
  };
}

/** From the package's own file: not every package exports its package.json. */
function installedVersion(name: string): string {
  const path = findPackageJSON(name, import.meta.url);
  const content: unknown = path === undefined ? undefined : JSON.parse(readFileSync(path, "utf8"));
  return typeof content === "object" && content !== null && "version" in content ? String(content.version) : "unknown";
}

function describeMachine(): string {
  const { cores, processor, node, packages } = machine();
  return `${cores} cores (${processor}), Node ${node}, ${Object.entries(packages)
    .map(([name, version]) => `${name} ${version}`)
    .join(", ")}`;
}

function asText(result: BenchResult): string {
  const lines = [`\n${result.name}: ${result.coreBudget}`];
  for (const [name, value] of Object.entries(result.input)) lines.push(`  ${name}: ${value}`);
  for (const [name, value] of Object.entries({ ...result.figures, ...result.ratios }))
    lines.push(`  ${name.padEnd(44)} ${value.toFixed(3).padStart(12)}`);
  for (const check of result.checks) lines.push(`  ${check.ok ? "ok  " : "FAIL"} ${check.name}: ${check.detail}`);
  return `${lines.join("\n")}\n`;
}
