import { globSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { describe, expect, it } from "vitest";

const ROOT = resolve(import.meta.dirname, "..");

/** The domain: pure parts of the daemon that must not know how a fact came in or goes out. */
const DOMAIN = ["bays", "jobs", "labour", "diagnostics", "inspection", "shop"].map((folder) => `daemon/${folder}`);

/** What the domain may see of the daemon: each other's face and the words for what a camera saw. */
const DOMAIN_MAY_SEE = [...DOMAIN, "daemon/vision/detections.ts", "daemon/journal/journal.ts"];

interface Rule {
  readonly who: string;
  readonly files: (file: string) => boolean;
  readonly may: (target: string) => boolean;
}

const inFolder = (folder: string) => (file: string) => file.startsWith(`${folder}/`);
const within =
  (...folders: readonly string[]) =>
  (target: string) =>
    folders.some((folder) => target === folder || target.startsWith(`${folder}/`));

const RULES: readonly Rule[] = [
  { who: "contract", files: inFolder("contract"), may: within("contract") },
  { who: "vehicle-protocols", files: inFolder("vehicle-protocols"), may: within("vehicle-protocols") },
  { who: "machine", files: inFolder("machine"), may: within("machine", "contract") },
  {
    who: "firmware-bridge",
    files: inFolder("firmware-bridge"),
    may: within("firmware-bridge", "contract", "vehicle-protocols", "machine"),
  },
  { who: "headquarters", files: inFolder("headquarters"), may: within("headquarters", "contract", "machine") },
  // The demo's harness starts the real processes; it does so through their programs, never through their code.
  { who: "simulator", files: inFolder("simulator"), may: within("simulator", "contract", "machine") },
  { who: "status-page", files: inFolder("status-page"), may: within("status-page", "contract") },
  {
    who: "the domain",
    files: (file) => DOMAIN.some((folder) => file.startsWith(`${folder}/`)),
    may: within(...DOMAIN_MAY_SEE, "contract", "vehicle-protocols", "machine"),
  },
  {
    who: "the daemon",
    files: inFolder("daemon"),
    may: within("daemon", "contract", "vehicle-protocols", "machine"),
  },
];

/** Packages that belong to one side of the house. */
const PACKAGE_RULES: readonly { readonly name: RegExp; readonly only: (file: string) => boolean }[] = [
  { name: /^better-sqlite3$/, only: within("daemon/journal", "bench") },
  { name: /^aedes/, only: within("daemon/broker") },
  { name: /^mqtt$/, only: within("firmware-bridge", "simulator", "daemon/cli", "bench") },
  { name: /^(fastify|@fastify\/.*)$/, only: within("daemon/http", "headquarters") },
  { name: /^(pg|@electric-sql\/pglite)$/, only: within("headquarters") },
  { name: /^onnxruntime-node$/, only: within("daemon/vision", "bench", "models") },
  { name: /^(serialport|socketcan)/, only: within("firmware-bridge/egress") },
];

/** What opens a road to somewhere. In the bridge only the egress may, because every byte to a car must pass its guards. */
const ROADS = /^node:(net|tls|dgram|http2?|https|child_process|worker_threads|cluster)$/;
/** Roads that need no import, and the broker's. */
const SPOKEN_ROADS = /\b(WebSocket|fetch|EventSource)\s*\(|\.publish\(/;

/** Folders of the daemon whose inside is seen by nobody else: neighbours import the face. */
const FACES = ["broker", "cameras", "vision", "sync", "http", "people", "evidence"].map((folder) => `daemon/${folder}`);

/** A folder's face: its index, or the file that bears its name; a few folders name a second face in their README. */
function isFace(target: string): boolean {
  const [, folder = "", file = ""] = /^daemon\/([a-z]+)\/([a-z-]+)\.ts$/.exec(target) ?? [];
  const named = ["index", folder, ...(SECOND_FACES[folder] ?? [])];
  return named.includes(file);
}

const SECOND_FACES: Readonly<Record<string, readonly string[]>> = {
  vision: ["detections", "detect-images", "models"],
  sync: ["uplink"],
  http: ["shop-api", "diagnostics-api", "photos-api"],
};

const sources = globSync("**/*.{ts,tsx}", {
  cwd: ROOT,
  exclude: (name) => name === "node_modules" || name === "dist" || name === ".git",
}).map((file) => file.replaceAll("\\", "/"));

const production = sources.filter(
  (file) => !/\.(test|fixture|test-support)\.tsx?$/.test(file) && !file.includes("/fixture/"),
);

function importsOf(file: string): string[] {
  const text = readFileSync(join(ROOT, file), "utf8");
  const pattern =
    /(?:^|\n)\s*(?:import|export)\s[^;]*?from\s+"([^"]+)"|(?:^|[^\w.])import\(\s*"([^"]+)"\s*\)|(?:^|\n)\s*import\s+"([^"]+)"/g;
  return [...text.matchAll(pattern)].map((match) => match[1] ?? match[2] ?? match[3] ?? "");
}

function targetOf(file: string, specifier: string): string {
  return relative(ROOT, resolve(ROOT, dirname(file), specifier)).replaceAll("\\", "/");
}

describe("who may know whom", () => {
  it("looks at real files", () => {
    expect(production.length).toBeGreaterThan(80);
  });

  it.each(RULES)("$who imports only what it may", ({ files, may }) => {
    const wrong = production
      .filter(files)
      .flatMap((file) =>
        importsOf(file)
          .filter((specifier) => specifier.startsWith("."))
          .map((specifier) => ({ file, target: targetOf(file, specifier) })),
      )
      .filter(({ target }) => !may(target));
    expect(wrong).toEqual([]);
  });

  it("keeps each package on its side of the house", () => {
    const wrong = production.flatMap((file) =>
      importsOf(file).flatMap((specifier) => {
        const rule = PACKAGE_RULES.find(({ name }) => name.test(specifier));
        return rule !== undefined && !rule.only(file) ? [{ file, specifier }] : [];
      }),
    );
    expect(wrong).toEqual([]);
  });

  it("lets the bridge reach devices through its egress only", () => {
    const bridge = production.filter((file) => file.startsWith("firmware-bridge/"));
    const outside = bridge.filter((file) => !file.startsWith("firmware-bridge/egress/"));
    const opening = outside.flatMap((file) =>
      importsOf(file).flatMap((specifier) => (ROADS.test(specifier) ? [{ file, specifier }] : [])),
    );
    expect(opening).toEqual([]);
    // The line to the broker publishes; adapters do so through their egress, which is named at the call.
    const speaking = outside
      .filter((file) => file !== "firmware-bridge/broker-line.ts")
      .filter((file) =>
        SPOKEN_ROADS.test(readFileSync(join(ROOT, file), "utf8").replaceAll(/\begress\.publish\(/g, "")),
      );
    expect(speaking).toEqual([]);
    const toDevice = outside.filter((file) => readFileSync(join(ROOT, file), "utf8").includes(".toDevice("));
    expect(toDevice).toEqual(["firmware-bridge/bridge.ts"]);
  });

  it("lets only the bridge encode requests that clear codes", () => {
    const clearers = production.filter((file) =>
      importsOf(file).some((specifier) => targetOf(file, specifier) === "vehicle-protocols/clearing.ts"),
    );
    expect(clearers).toEqual(["firmware-bridge/clear-codes.ts"]);
  });

  it("lets neighbours see only a folder's face", () => {
    const wrong = production
      .filter((file) => file.startsWith("daemon/"))
      .flatMap((file) =>
        importsOf(file)
          .filter((specifier) => specifier.startsWith("."))
          .map((specifier) => ({ file, target: targetOf(file, specifier) })),
      )
      .filter(({ file, target }) => {
        const folder = FACES.find((face) => target.startsWith(`${face}/`));
        if (folder === undefined || file.startsWith(`${folder}/`)) return false;
        return !isFace(target);
      });
    expect(wrong).toEqual([]);
  });
});
