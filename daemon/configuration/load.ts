import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { dirname, isAbsolute, resolve } from "node:path";
import { Compile } from "typebox/compile";
import { ShopConfiguration } from "../../contract/configuration.ts";
import { crossCheck } from "./cross-checks.ts";
import { checkNamedFiles } from "./named-files.ts";
import { type ConfigurationProblem, type Finding, problemOf } from "./problems.ts";
import type { Configuration } from "./resolved.ts";
import { isRecord, walkSchema } from "./schema-walk.ts";
import { type Place, readSource } from "./source.ts";

export interface LoadedConfiguration {
  readonly ok: true;
  readonly configuration: Configuration;
  readonly warnings: readonly ConfigurationProblem[];
  /** SHA-256 of the file's text, lower-case hex: names this version of the configuration. */
  readonly hash: string;
  /** The text itself, for the last-good copy. */
  readonly text: string;
}

export interface RefusedConfiguration {
  readonly ok: false;
  /** Everything that is wrong, in the order of the file; at least one. */
  readonly problems: readonly ConfigurationProblem[];
}

const MAX_BYTES = 4 * 1024 * 1024;
const NOWHERE: Place = { line: 0, column: 0 };
const schema = Compile(ShopConfiguration);

/** Reads and checks `shop.yaml`. Never throws for what may be wrong with the file: the daemon starts in safe mode then. */
export async function loadConfiguration(path: string): Promise<LoadedConfiguration | RefusedConfiguration> {
  let text: string;
  try {
    const { size } = await stat(path);
    if (size > MAX_BYTES) return refuseFile(`${path} has ${size} bytes`);
    text = new TextDecoder("utf-8", { fatal: true }).decode(await readFile(path));
  } catch (error) {
    return refuseFile(error instanceof Error ? error.message : String(error));
  }
  return checkConfiguration(text, dirname(resolve(path)));
}

/** Checks a configuration's text; file names in it are taken relative to `directory`. */
export async function checkConfiguration(
  text: string,
  directory: string,
): Promise<LoadedConfiguration | RefusedConfiguration> {
  const read = readSource(text);
  if ("problems" in read)
    return { ok: false, problems: read.problems.map((finding) => problemOf(finding, finding.place)) };
  const { source } = read;
  const place = (findings: readonly Finding[]): ConfigurationProblem[] =>
    findings
      .map((finding) => problemOf(finding, source.locate(finding.path, finding.at)))
      .sort((a, b) => a.line - b.line || a.column - b.column);

  const walked = walkSchema(ShopConfiguration, source.value);
  const candidate = resolvePaths(addMainBridge(walked.value), directory);
  if (walked.findings.length > 0) return { ok: false, problems: place(walked.findings) };
  if (!isConfiguration(candidate)) return { ok: false, problems: place(schemaFindings(candidate)) };

  const { problems, warnings } = crossCheck(candidate);
  if (problems.length > 0) return { ok: false, problems: place(problems) };
  const aboutFiles = await checkNamedFiles(candidate);
  const hash = createHash("sha256").update(text).digest("hex");
  return { ok: true, configuration: freeze(candidate), warnings: place([...warnings, ...aboutFiles]), hash, text };
}

/** The walk has filled in every default; TypeBox confirms the whole. */
function isConfiguration(value: unknown): value is Configuration {
  return schema.Check(value);
}

function schemaFindings(value: unknown): Finding[] {
  return schema.Errors(value).map((error) => ({
    code: "CONFIG_VALUE_INVALID",
    path: error.instancePath.split("/").slice(1),
    message: { en: `${error.message}.`, "zh-CN": `无效的值(${error.keyword})。` },
  }));
}

function addMainBridge(value: unknown): unknown {
  if (!isRecord(value) || !isRecord(value.bridges) || !isRecord(value.dongles) || Object.keys(value.bridges).length > 0)
    return value;
  return {
    ...value,
    bridges: { main: { dongles: Object.keys(value.dongles), cameras: [], readers: [], equipment: [] } },
  };
}

/** Every key that names a file, made absolute. */
const FILE_KEYS = new Set(["authorityFile", "claimCodeFile", "certificateFile", "keyFile", "models", "faultCodeTexts"]);

function resolvePaths(value: unknown, directory: string): unknown {
  if (!isRecord(value)) return value;
  const absoluteFile = (entry: unknown): unknown =>
    typeof entry !== "string" || isAbsolute(entry) || entry.includes("\n") ? entry : resolve(directory, entry);
  const absolute = (section: unknown): unknown => {
    if (!isRecord(section)) return section;
    return Object.fromEntries(
      Object.entries(section).map(([key, entry]) => {
        if (key === "tls") return [key, absolute(entry)];
        if (key === "trustedModelKeys" && Array.isArray(entry)) return [key, entry.map((file) => absoluteFile(file))];
        if (key === "goldenSets" && isRecord(entry))
          return [key, Object.fromEntries(Object.entries(entry).map(([role, folder]) => [role, absoluteFile(folder)]))];
        return [key, FILE_KEYS.has(key) ? absoluteFile(entry) : entry];
      }),
    );
  };
  const sections = ["headquarters", "broker", "vision", "diagnostics"]
    .filter((name) => name in value)
    .map((name) => [name, absolute(value[name])]);
  return { ...value, ...Object.fromEntries(sections) };
}

function refuseFile(reason: string): RefusedConfiguration {
  const finding: Finding = {
    code: "CONFIG_FILE_UNREADABLE",
    path: [],
    found: reason,
    message: { en: "The configuration file cannot be read.", "zh-CN": "无法读取配置文件。" },
  };
  return { ok: false, problems: [problemOf(finding, NOWHERE)] };
}

function freeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) freeze(inner);
  }
  return value;
}
