import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import type { TSchema } from "typebox";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ShopConfiguration } from "../../contract/configuration.ts";
import type { BayId, CameraId } from "../../contract/ids.ts";
import {
  type ConfigurationProblem,
  checkConfiguration,
  keepLastGood,
  loadConfiguration,
  problemLine,
  safeModeConfiguration,
} from "./configuration.ts";
import { type SchemaNode, walkSchema } from "./schema-walk.ts";
import { readSource } from "./source.ts";

const EXAMPLE = new URL("../../config/shop.example.yaml", import.meta.url).pathname;

const GOOD = `
shop: { name: Test, gateway: test-1, timeZone: Asia/Shanghai }
cameras:
  north: {}
dongles:
  d1: { dialect: wican, nativeId: "a0b1c2d3e4f5" }
readers:
  r1: {}
equipment:
  lift-1: { kind: lift }
  wrench: { kind: tool }
bays:
  bay-1:
    cameras:
      north: { zone: [[0.1, 0.1], [0.9, 0.1], [0.9, 0.9], [0.1, 0.9]] }
    dongle: d1
    lift: lift-1
    readers: [r1]
`;

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "configuration-"));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

async function problemsOf(text: string): Promise<readonly ConfigurationProblem[]> {
  const result = await checkConfiguration(text, directory);
  return result.ok ? [] : result.problems;
}

async function loaded(text: string) {
  const result = await checkConfiguration(text, directory);
  if (!result.ok) throw new Error(result.problems.map((problem) => problemLine(problem, "shop.yaml", "en")).join("\n"));
  return result;
}

function replaced(from: string, to: string): string {
  expect(GOOD).toContain(from);
  return GOOD.replace(from, to);
}

describe("the example", () => {
  it("loads without a problem or a warning", async () => {
    const result = await loadConfiguration(EXAMPLE);
    expect(result).toMatchObject({ ok: true, warnings: [] });
  });

  it("shows every key of the schema, commented out or not", async () => {
    const text = await readFile(EXAMPLE, "utf8");
    const uncommented = text.replaceAll(
      /^( *)# (?=(?: {2})*(?:plane|offPlane|points|markerMm|plateRegion|tls|certificateFile|keyFile|models|goldenSets|faultCodeTexts|headquarters|url|authorityFile|claimCodeFile|longestPauseSeconds):)/gm,
      "$1",
    );
    const root: TSchema = ShopConfiguration;
    const { source } = parsed(uncommented);
    expect(missingKeys(root, source.value, "")).toEqual([]);
    expect(await problemsOf(uncommented)).toEqual([]);
  });

  it("states the defaults that the schema has", async () => {
    const example = await loadConfiguration(EXAMPLE);
    const bare = await loaded("shop: { name: x, gateway: x, timeZone: UTC }\nbays: {}\ncameras: { bay-1-north: {} }\n");
    if (!example.ok) throw new Error("unreachable");
    for (const section of ["http", "vision", "review", "privacy", "diagnostics", "labour", "retention"] as const)
      expect(example.configuration[section]).toEqual(bare.configuration[section]);
    expect(example.configuration.cameras["bay-1-north" as CameraId]).toMatchObject({
      ...bare.configuration.cameras["bay-1-north" as CameraId],
    });
    expect(example.configuration.broker.maxConnections).toBe(bare.configuration.broker.maxConnections);
  });
});

function parsed(text: string) {
  const read = readSource(text);
  if ("problems" in read) throw new Error(JSON.stringify(read.problems));
  return read;
}

/** Keys of the schema that appear nowhere in the value. Entries of a record are taken together: one of them must show the key. */
function missingKeys(schema: SchemaNode, value: unknown, path: string): string[] {
  const values = Array.isArray(value) ? value : [value];
  const records = values.filter(
    (entry): entry is Record<string, unknown> => typeof entry === "object" && entry !== null,
  );
  const own = Object.entries(schema.properties ?? {}).flatMap(([key, inner]) => {
    const present = records.filter((record) => Object.hasOwn(record, key)).map((record) => record[key]);
    return present.length === 0 ? [`${path}.${key}`] : missingKeys(inner, present.flat(), `${path}.${key}`);
  });
  const entries = Object.values(schema.patternProperties ?? {}).flatMap((inner) =>
    missingKeys(
      inner,
      records.flatMap((record) => Object.values(record)),
      `${path}.*`,
    ),
  );
  const items = schema.items === undefined ? [] : missingKeys(schema.items, value, `${path}[]`);
  return [...own, ...entries, ...items];
}

describe("a sound configuration", () => {
  it("comes back complete: every default filled in, one bridge for all dongles, frozen", async () => {
    const { configuration, warnings, hash } = await loaded(GOOD);
    expect(warnings).toEqual([]);
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(configuration.bridges).toEqual({ main: { dongles: ["d1"], cameras: [], readers: [], equipment: [] } });
    expect(configuration.cameras["north" as CameraId]).toEqual({ silentAfterSeconds: 45, maxFramesPerSecond: 5 });
    expect(configuration.broker).toEqual({
      listeners: [{ address: "127.0.0.1", port: 1883, tls: false }],
      maxConnections: 200,
      maxConnectionsPerAddress: 50,
      maxBytesPerSecondPerAddress: 40_000_000,
    });
    expect(configuration.review.threshold).toBe(0.85);
    expect(configuration.locale).toBe("zh-CN");
    expect(configuration.headquarters).toBeUndefined();
    expect(Object.isFrozen(configuration.bays["bay-1" as BayId]?.readers)).toBe(true);
  });

  it("may leave a section empty, as YAML makes easy", async () => {
    const { configuration } = await loaded(`${GOOD}\nvision:\nhttp:\n`);
    expect(configuration.vision.hangSeconds).toBe(15);
    expect(configuration.http.port).toBe(8443);
  });

  it("gets files relative to its own folder", async () => {
    const { configuration } = await loaded(
      `${GOOD}\nheadquarters: { url: "https://hq.example", authorityFile: ca.pem }\n`,
    );
    expect(configuration.headquarters?.authorityFile).toBe(join(directory, "ca.pem"));
    expect(configuration.headquarters?.longestPauseSeconds).toBe(300);
  });
});

describe("a problem", () => {
  it("names line, key path, value and remedy, in both languages", async () => {
    const [problem] = await problemsOf(replaced("dialect: wican", "dialect: Wi CAN"));
    expect(problem).toMatchObject({
      code: "CONFIG_VALUE_INVALID",
      line: 6,
      path: "dongles.d1.dialect",
      found: '"Wi CAN"',
    });
    expect(problem?.column).toBeGreaterThan(8);
    expect(problem?.remedy["zh-CN"]).not.toBe("");
    if (problem !== undefined)
      expect(problemLine(problem, "shop.yaml", "en")).toMatch(
        /^shop\.yaml:6:\d+ dongles\.d1\.dialect: .*found "Wi CAN".*\[CONFIG_VALUE_INVALID\]$/,
      );
  });

  it("does not hide the others: twenty mistakes are twenty problems, in the order of the file", async () => {
    const cameras = Array.from({ length: 20 }, (_, index) => `  c${index}: { silentAfterSeconds: 0 }`).join("\n");
    const problems = await problemsOf(`shop: { name: x, gateway: x, timeZone: UTC }\nbays: {}\ncameras:\n${cameras}\n`);
    expect(problems.map((problem) => problem.line)).toEqual(Array.from({ length: 20 }, (_, index) => index + 4));
  });

  it.each([
    [
      "a misspelt key",
      replaced("cameras:\n  north", "camers:\n  north"),
      "CONFIG_UNKNOWN_KEY",
      "camers",
      'Did you mean "cameras"',
    ],
    [
      "a misspelt key inside a bay",
      replaced("dongle: d1", "dongel: d1"),
      "CONFIG_UNKNOWN_KEY",
      "bays.bay-1.dongel",
      'Did you mean "dongle"',
    ],
    [
      "a missing key",
      replaced(", timeZone: Asia/Shanghai", ""),
      "CONFIG_KEY_MISSING",
      "shop.timeZone",
      'Add "timeZone"',
    ],
    ["an id with capitals", replaced("  bay-1:", "  Bay 1:"), "CONFIG_VALUE_INVALID", "bays.Bay 1", 'Write "bay-1"'],
    [
      "an unknown time zone",
      replaced("Asia/Shanghai", "Asia/Shanghia"),
      "CONFIG_VALUE_INVALID",
      "shop.timeZone",
      'Did you mean "Asia/Shanghai"',
    ],
    [
      "a camera that is not there",
      replaced("      north: {", "      nroth: {"),
      "CONFIG_REFERENCE_UNKNOWN",
      "bays.bay-1.cameras.nroth",
      'Did you mean "north"',
    ],
    [
      "a camera named like a thing of JavaScript",
      replaced("      north: {", "      constructor: {"),
      "CONFIG_REFERENCE_UNKNOWN",
      "bays.bay-1.cameras.constructor",
      "Add the device",
    ],
    [
      "a dongle that is not there",
      replaced("dongle: d1", "dongle: d7"),
      "CONFIG_REFERENCE_UNKNOWN",
      "bays.bay-1.dongle",
      'Did you mean "d1"',
    ],
    [
      "a lift that is a tool",
      replaced("lift: lift-1", "lift: wrench"),
      "CONFIG_VALUE_INVALID",
      "bays.bay-1.lift",
      "kind lift",
    ],
    [
      "a reader that is not there",
      replaced("readers: [r1]", "readers: [r1, other]"),
      "CONFIG_REFERENCE_UNKNOWN",
      "bays.bay-1.readers[1]",
      'add "other"|Add the device',
    ],
    [
      "a zone that crosses itself",
      replaced("[0.9, 0.9], [0.1, 0.9]", "[0.1, 0.9], [0.9, 0.9]"),
      "CONFIG_ZONE_INVALID",
      "bays.bay-1.cameras.north.zone",
      "Draw the zone",
    ],
    [
      "a zone without area",
      replaced("[[0.1, 0.1], [0.9, 0.1], [0.9, 0.9], [0.1, 0.9]]", "[[0.1, 0.1], [0.5, 0.5], [0.9, 0.9]]"),
      "CONFIG_ZONE_INVALID",
      "bays.bay-1.cameras.north.zone",
      "Draw the zone",
    ],
    [
      "a camera plane whose marks stand in a line",
      replaced(
        "north: {}",
        "north: { plane: { points: [{ at: [0.1, 0.1], metres: [0, 0] }, { at: [0.5, 0.1], metres: [1, 0] }, { at: [0.9, 0.9], metres: [2, 0] }, { at: [0.1, 0.9], metres: [0, 2] }] } }",
      ),
      "CONFIG_VALUE_INVALID",
      "cameras.north.plane.points",
      "corners of a large four-sided area",
    ],
    [
      "a zone in pixels",
      replaced("[0.9, 0.1]", "[1728, 108]"),
      "CONFIG_VALUE_INVALID",
      "bays.bay-1.cameras.north.zone[1][0]",
      "expects",
    ],
    [
      "the same native id twice",
      replaced("readers:\n  r1", '  d2: { dialect: wican, nativeId: "A0B1C2D3E4F5" }\nreaders:\n  r1'),
      "CONFIG_DUPLICATE",
      "dongles.d2.nativeId",
      "its own",
    ],
    [
      "a native id that YAML reads as a number",
      replaced('"a0b1c2d3e4f5"', "001122334455"),
      "CONFIG_VALUE_INVALID",
      "dongles.d1.nativeId",
      "quotes",
    ],
    [
      "a dialect that nobody speaks",
      replaced("dialect: wican", "dialect: wikan"),
      "CONFIG_VALUE_INVALID",
      "dongles.d1.dialect",
      'Did you mean "wican"',
    ],
    [
      "a native id that the firmware never has",
      replaced('"a0b1c2d3e4f5"', '"bay-1-dongle"'),
      "CONFIG_VALUE_INVALID",
      "dongles.d1.nativeId",
      "expects",
    ],
    [
      "an option that the dialect does not know",
      replaced('nativeId: "a0b1c2d3e4f5"', 'nativeId: "a0b1c2d3e4f5", options: { alertTopc: CAR1/voltage }'),
      "CONFIG_UNKNOWN_KEY",
      "dongles.d1.options.alertTopc",
      'Did you mean "alertTopic"',
    ],
    [
      "a dialect without the options that it needs",
      replaced("dialect: wican", "dialect: generic"),
      "CONFIG_KEY_MISSING",
      "dongles.d1.options.values",
      'Add "values"',
    ],
    [
      "an option's topic with a wildcard",
      replaced('nativeId: "a0b1c2d3e4f5"', 'nativeId: "a0b1c2d3e4f5", options: { alertTopic: CAR1/# }'),
      "CONFIG_VALUE_INVALID",
      "dongles.d1.options.alertTopic",
      "expects",
    ],
    [
      "an option's topic that belongs to other firmware",
      replaced('nativeId: "a0b1c2d3e4f5"', 'nativeId: "a0b1c2d3e4f5", options: { alertTopic: autopi/x/bat }'),
      "CONFIG_VALUE_INVALID",
      "dongles.d1.options.alertTopic",
      "another topic",
    ],
    [
      "one topic for two dongles",
      replaced(
        'nativeId: "a0b1c2d3e4f5"',
        'nativeId: "a0b1c2d3e4f5", options: { alertTopic: CAR1/voltage } }\n  d2: { dialect: wican, nativeId: "b0b1c2d3e4f5", options: { alertTopic: CAR1/voltage }',
      ),
      "CONFIG_DUPLICATE",
      "dongles.d2.options.alertTopic",
      "its own",
    ],
    [
      "an inline password",
      `${GOOD}\nbroker: { password: hunter2 }\n`,
      "CONFIG_SECRET_INLINE",
      "broker.password",
      "file",
    ],
    [
      "a token among a dialect's options",
      replaced('nativeId: "a0b1c2d3e4f5"', 'nativeId: "a0", options: { deep: { apiKey: abc } }'),
      "CONFIG_SECRET_INLINE",
      "dongles.d1.options.deep.apiKey",
      "file",
    ],
    [
      "a password in the address of headquarters",
      `${GOOD}\nheadquarters: { url: "https://me:secret@hq.example", authorityFile: ca.pem }\n`,
      "CONFIG_SECRET_INLINE",
      "headquarters.url",
      "file",
    ],
    [
      "headquarters without encryption",
      `${GOOD}\nheadquarters: { url: "http://hq.example", authorityFile: ca.pem }\n`,
      "CONFIG_VALUE_INVALID",
      "headquarters.url",
      "expects",
    ],
    [
      "two listeners on one port",
      `${GOOD}\nbroker: { listeners: [{ address: 127.0.0.1, port: 1883, tls: false }, { address: 127.0.0.1, port: 1883, tls: true }] }\n`,
      "CONFIG_DUPLICATE",
      "broker.listeners[1].port",
      "its own",
    ],
    [
      "a listener on a name",
      `${GOOD}\nbroker: { listeners: [{ address: localhost, port: 1883, tls: false }] }\n`,
      "CONFIG_VALUE_INVALID",
      "broker.listeners[0].address",
      "127.0.0.1",
    ],
    [
      "a bridge for a dongle that is not there",
      `${GOOD}\nbridges: { main: { dongles: [d1, d9] } }\n`,
      "CONFIG_REFERENCE_UNKNOWN",
      "bridges.main.dongles[1]",
      "d1",
    ],
    [
      "a dongle with two bridges",
      `${GOOD}\nbridges: { one: { dongles: [d1] }, two: { dongles: [d1] } }\n`,
      "CONFIG_DUPLICATE",
      "bridges.two.dongles[0]",
      "its own",
    ],
    ["a file that is a list", "- a\n- b\n", "CONFIG_VALUE_INVALID", "", "expects"],
    ["an empty file", "", "CONFIG_VALUE_INVALID", "", "expects"],
    ["a key that stands twice", `${GOOD}\nlocale: en\nlocale: en\n`, "CONFIG_SYNTAX", "", "named line"],
    ["a broken bracket", replaced("readers: [r1]", "readers: [r1"), "CONFIG_SYNTAX", "", "named line"],
    [
      "aliases that multiply",
      `a: &a [x, x, x]\nb: &b [*a, *a, *a, *a]\nc: &c [*b, *b, *b, *b]\nd: [*c, *c, *c, *c, *c, *c]\n`,
      "CONFIG_SYNTAX",
      "",
      "named line",
    ],
    ["an alias within what it names", `${GOOD}\nlocale: &a [*a]\n`, "CONFIG_SYNTAX", "", "named line"],
    ["nesting without end", "[".repeat(50_000), "CONFIG_SYNTAX", "", "named line"],
  ])("is found: %s", async (_name, text, code, path, remedy) => {
    const problems = await problemsOf(text);
    const problem = problems.find((candidate) => candidate.code === code && candidate.path === path);
    expect(problems.map(({ code, path }) => ({ code, path }))).toContainEqual({ code, path });
    expect(problem?.remedy.en).toMatch(new RegExp(remedy));
    expect(problem?.line).toBeGreaterThan(0);
  });

  it("never shows the secret that it complains about", async () => {
    const problems = await problemsOf(
      `${GOOD}\nbroker: { password: hunter2 }\nheadquarters: { url: "https://me:hunter2@hq.example", authorityFile: ca.pem }\n`,
    );
    expect(JSON.stringify(problems)).not.toContain("hunter2");
  });

  it("is reported, not thrown, whatever the file holds", async () => {
    const yaml = fc.oneof(fc.string({ unit: "binary" }), fc.json(), fc.stringMatching(/^[a-z:{}[\]&*!|> \n-]{0,60}$/));
    await fc.assert(
      fc.asyncProperty(yaml, async (text) => {
        const result = await checkConfiguration(text, directory);
        expect(result.ok ? 1 : result.problems.length).toBeGreaterThan(0);
      }),
      { numRuns: 300 },
    );
  });

  it("is never overlooked by the walk where TypeBox would see it", () => {
    const { findings } = walkSchema(ShopConfiguration, {
      shop: { name: "x", gateway: "g", timeZone: "UTC" },
      bays: {},
      cameras: {},
      broker: { listeners: [] },
    });
    expect(findings.map((finding) => finding.path)).toEqual([["broker", "listeners"]]);
  });
});

describe("a warning", () => {
  it("is given for an unencrypted listener outside this machine, and only there", async () => {
    const { warnings } = await loaded(
      `${GOOD}\nbroker: { listeners: [{ address: 192.168.10.1, port: 1883, tls: false }, { address: 127.0.0.1, port: 1883, tls: false }, { address: 192.168.10.1, port: 8883, tls: true }] }\n`,
    );
    expect(warnings.map(({ code, path }) => ({ code, path }))).toEqual([
      { code: "CONFIG_PLAIN_LISTENER", path: "broker.listeners[0].tls" },
    ]);
  });

  it("is given for a secret file that others can read, and for one that is missing", async () => {
    const code = join(directory, "claim-code");
    await writeFile(code, "abc");
    await chmod(code, 0o640);
    const text = `${GOOD}\nheadquarters: { url: "https://hq.example", authorityFile: nowhere.pem, claimCodeFile: claim-code }\n`;
    const { warnings } = await loaded(text);
    expect(warnings.map(({ code, path }) => ({ code, path }))).toEqual([
      { code: "CONFIG_SECRET_MISSING", path: "headquarters.authorityFile" },
      { code: "CONFIG_SECRET_EXPOSED", path: "headquarters.claimCodeFile" },
    ]);
    await chmod(code, 0o600);
    expect((await loaded(text)).warnings).toHaveLength(1);
  });

  it("is given for devices that nothing uses", async () => {
    const { warnings } = await loaded(replaced("readers: [r1]", "readers: []"));
    expect(warnings).toMatchObject([{ code: "CONFIG_UNUSED", path: "readers.r1", line: 8 }]);
  });
});

describe("safe mode", () => {
  it("begins with a file that is missing, not text, or a directory", async () => {
    expect(await loadConfiguration(join(directory, "absent.yaml"))).toMatchObject({
      ok: false,
      problems: [{ code: "CONFIG_FILE_UNREADABLE", line: 0 }],
    });
    const binary = join(directory, "binary.yaml");
    await writeFile(binary, Buffer.from([0xff, 0xfe, 0x00, 0x80]));
    expect(await loadConfiguration(binary)).toMatchObject({
      ok: false,
      problems: [{ code: "CONFIG_FILE_UNREADABLE" }],
    });
    expect(await loadConfiguration(directory)).toMatchObject({
      ok: false,
      problems: [{ code: "CONFIG_FILE_UNREADABLE" }],
    });
  });

  it("has no devices and no name where none was ever known", async () => {
    const { configuration, gatewayKnown } = await safeModeConfiguration(join(directory, "new"));
    expect(gatewayKnown).toBe(false);
    expect(configuration.bays).toEqual({});
    expect(configuration.broker.listeners.every((listener) => listener.address === "127.0.0.1")).toBe(true);
  });

  it("remembers the gateway, the language and the page's address from the last good file", async () => {
    const data = join(directory, "data");
    await keepLastGood(data, await loaded(`${GOOD}\nlocale: en\nhttp: { port: 9443 }\n`));
    const { configuration, gatewayKnown } = await safeModeConfiguration(data);
    expect(gatewayKnown).toBe(true);
    expect(configuration).toMatchObject({
      shop: { gateway: "test-1", timeZone: "Asia/Shanghai" },
      locale: "en",
      http: { port: 9443 },
      bays: {},
      cameras: {},
    });
  });
});
