import { distance } from "fastest-levenshtein";
import type { TSchema } from "typebox";
import { type Finding, type Sentence, shown } from "./problems.ts";

type Path = readonly (string | number)[];

/** The part of JSON Schema that the contract's configuration uses. */
export interface SchemaNode {
  readonly type?: string;
  readonly title?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly required?: readonly string[];
  readonly patternProperties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
  readonly anyOf?: readonly SchemaNode[];
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
}

/** Names under which people write secrets down. Only a key that the schema knows (`…File`) may look like one. */
const SECRET_NAME =
  /pass(word|wort|phrase|wd)|secret|token|api-?_?key|private-?_?key|claim-?_?code|credential|密码|密钥/i;

/**
 * Checks a value against a schema and fills in the defaults. Written here instead of asking TypeBox, because TypeBox stops after
 * eight errors and lets record keys pass that do not match their pattern. TypeBox has the last word afterwards (`load.ts`).
 * @returns the value with defaults, and everything that is wrong with it
 */
export function walkSchema(
  schema: TSchema,
  value: unknown,
): { readonly value: unknown; readonly findings: readonly Finding[] } {
  const findings: Finding[] = [];
  const filled = walk(schema, value, [], findings);
  return { value: filled, findings };
}

function walk(schema: SchemaNode, value: unknown, path: Path, findings: Finding[]): unknown {
  if (schema.anyOf !== undefined) return walkUnion(schema, schema.anyOf, value, path, findings);
  if ("const" in schema) {
    if (value !== schema.const) findings.push(wrong(schema, value, path));
    return value;
  }
  switch (schema.type) {
    case "object":
      return walkObject(schema, value, path, findings);
    case "array":
      return walkArray(schema, value, path, findings);
    case undefined:
      // Free-form options of a dialect: nothing is checked, but a secret is still refused.
      refuseSecrets(value, path, findings);
      return value;
    default:
      if (!fits(schema, value)) findings.push(wrong(schema, value, path));
      return value;
  }
}

function walkUnion(
  schema: SchemaNode,
  branches: readonly SchemaNode[],
  value: unknown,
  path: Path,
  findings: Finding[],
): unknown {
  const structured = isRecord(value) ? branches.find((branch) => branch.type === "object") : undefined;
  if (structured !== undefined) return walk(structured, value, path, findings);
  for (const branch of branches) {
    const attempt: Finding[] = [];
    const filled = walk(branch, value, path, attempt);
    if (attempt.length === 0) return filled;
  }
  findings.push(wrong(schema, value, path));
  return value;
}

function walkArray(schema: SchemaNode, value: unknown, path: Path, findings: Finding[]): unknown {
  const { minItems = 0, maxItems = Number.POSITIVE_INFINITY, items } = schema;
  if (!Array.isArray(value) || value.length < minItems || value.length > maxItems) {
    findings.push(wrong(schema, value, path));
    return value;
  }
  return value.map((item: unknown, index) =>
    items === undefined ? item : walk(items, item, [...path, index], findings),
  );
}

function walkObject(schema: SchemaNode, value: unknown, path: Path, findings: Finding[]): unknown {
  if (!isRecord(value)) {
    findings.push(wrong(schema, value, path));
    return value;
  }
  return schema.patternProperties === undefined
    ? walkKeys(schema, value, path, findings)
    : walkEntries(schema.patternProperties, value, path, findings);
}

function walkEntries(
  patterns: Readonly<Record<string, SchemaNode>>,
  value: Readonly<Record<string, unknown>>,
  path: Path,
  findings: Finding[],
): unknown {
  const filled: Record<string, unknown> = {};
  for (const [key, entry] of Object.entries(value)) {
    const pattern = Object.entries(patterns).find(([source]) => new RegExp(source).test(key));
    if (pattern === undefined) {
      const message = {
        en: `"${key}" is not an id: 1 to 40 of a-z, 0-9 and "-".`,
        "zh-CN": `“${key}”不是有效编号:只能用 1–40 个小写字母、数字和“-”。`,
      };
      findings.push({ code: "CONFIG_VALUE_INVALID", path: [...path, key], at: "key", message, remedy: suggestId(key) });
      continue;
    }
    if (isFree(pattern[1]) && SECRET_NAME.test(key)) findings.push(secret(path, key));
    else filled[key] = walk(pattern[1], entry, [...path, key], findings);
  }
  return filled;
}

function walkKeys(
  schema: SchemaNode,
  value: Readonly<Record<string, unknown>>,
  path: Path,
  findings: Finding[],
): unknown {
  const properties = schema.properties ?? {};
  const filled: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    if (Object.hasOwn(properties, key)) continue;
    findings.push(SECRET_NAME.test(key) ? secret(path, key) : unknownKey(path, key, Object.keys(properties)));
  }
  for (const [key, property] of Object.entries(properties)) {
    const given = Object.hasOwn(value, key) ? value[key] : undefined;
    const inner = [...path, key];
    const required = schema.required?.includes(key) ?? false;
    // `dongles:` with nothing behind it is YAML for null; people leave sections empty like that.
    const absent = given === undefined || (given === null && (isSection(property) || !required));
    if (!absent) filled[key] = walk(property, given, inner, findings);
    else if (property.default !== undefined) filled[key] = structuredClone(property.default);
    else if (isSection(property) && (given === null || !required)) filled[key] = walk(property, {}, inner, findings);
    else if (required) findings.push(missing(inner, property));
  }
  return filled;
}

/** A section that may be left out whole: nothing in it is required, so its defaults can be filled in. */
function isSection(schema: SchemaNode): boolean {
  return schema.type === "object" && (schema.required === undefined || schema.required.length === 0);
}

function isFree(schema: SchemaNode): boolean {
  return schema.type === undefined && schema.anyOf === undefined && !("const" in schema);
}

function refuseSecrets(value: unknown, path: Path, findings: Finding[]): void {
  if (Array.isArray(value))
    for (const [index, item] of value.entries()) refuseSecrets(item, [...path, index], findings);
  else if (isRecord(value)) {
    for (const [key, entry] of Object.entries(value)) {
      if (SECRET_NAME.test(key) && !key.endsWith("File")) findings.push(secret(path, key));
      else refuseSecrets(entry, [...path, key], findings);
    }
  }
}

function fits(schema: SchemaNode, value: unknown): boolean {
  switch (schema.type) {
    case "string": {
      if (typeof value !== "string") return false;
      const { minLength = 0, maxLength = Number.POSITIVE_INFINITY, pattern } = schema;
      return (
        value.length >= minLength &&
        value.length <= maxLength &&
        (pattern === undefined || new RegExp(pattern).test(value))
      );
    }
    case "number":
    case "integer": {
      if (
        typeof value !== "number" ||
        !Number.isFinite(value) ||
        (schema.type === "integer" && !Number.isInteger(value))
      )
        return false;
      const { minimum = Number.NEGATIVE_INFINITY, maximum = Number.POSITIVE_INFINITY } = schema;
      return value >= minimum && value <= maximum;
    }
    case "boolean":
      return typeof value === "boolean";
    default:
      return false;
  }
}

function wrong(schema: SchemaNode, value: unknown, path: Path): Finding {
  const expected = expectation(schema);
  const finding: Finding = {
    code: "CONFIG_VALUE_INVALID",
    path,
    found: shown(value),
    message: { en: `Expected ${expected.en}.`, "zh-CN": `应为${expected["zh-CN"]}。` },
  };
  // A MAC address such as 001122334455 is a number to YAML and loses its zeros.
  if (schema.type !== "string" || typeof value !== "number") return finding;
  return {
    ...finding,
    remedy: {
      en: `Put it in quotes: "${value}" as it is printed on the device, zeros included.`,
      "zh-CN": "请加引号,并照设备上的原样填写(包括开头的 0)。",
    },
  };
}

/** What a value should be, in words. */
function expectation(schema: SchemaNode): Sentence {
  if (schema.anyOf !== undefined) {
    const branches = schema.anyOf.map(expectation);
    return {
      en: branches.map((branch) => branch.en).join(" or "),
      "zh-CN": branches.map((branch) => branch["zh-CN"]).join("或"),
    };
  }
  if ("const" in schema) return { en: shown(schema.const), "zh-CN": shown(schema.const) };
  const note = schema.description === undefined ? "" : ` (${schema.description})`;
  switch (schema.type) {
    case "string":
      return textExpectation(schema, note);
    case "number":
    case "integer": {
      const noun =
        schema.type === "integer" ? { en: "a whole number", "zh-CN": "整数" } : { en: "a number", "zh-CN": "数字" };
      return {
        en: `${noun.en}${range(schema.minimum, schema.maximum)}${note}`,
        "zh-CN": `${noun["zh-CN"]}${range(schema.minimum, schema.maximum, true)}`,
      };
    }
    case "boolean":
      return { en: "true or false", "zh-CN": "true 或 false" };
    case "array":
      return {
        en: `a list${range(schema.minItems, schema.maxItems)}${note === "" ? " entries" : note}`,
        "zh-CN": `列表${range(schema.minItems, schema.maxItems, true)}项`,
      };
    default:
      return { en: `a section with keys${note}`, "zh-CN": "含有键的部分" };
  }
}

function textExpectation(schema: SchemaNode, note: string): Sentence {
  if (schema.pattern === "^[a-z0-9-]{1,40}$")
    return { en: `an id: 1 to 40 of a-z, 0-9 and "-"${note}`, "zh-CN": "编号:1–40 个小写字母、数字或“-”" };
  if (schema.pattern === "^https://")
    return { en: "an address that begins with https://", "zh-CN": "以 https:// 开头的地址" };
  const length =
    schema.minLength === undefined && schema.maxLength === undefined
      ? ""
      : ` of ${schema.minLength ?? 0} to ${schema.maxLength ?? "any number of"} characters`;
  const form = schema.pattern === undefined ? "" : ` of the form ${schema.pattern}`;
  return {
    en: `text${length}${form}${note}`,
    "zh-CN": `文本${schema.maxLength === undefined ? "" : `(最多 ${schema.maxLength} 字)`}${schema.pattern === undefined ? "" : `,格式 ${schema.pattern}`}`,
  };
}

function range(from: number | undefined, to: number | undefined, chinese = false): string {
  if (from === undefined && to === undefined) return "";
  if (to === undefined) return chinese ? `(不小于 ${from})` : ` of at least ${from}`;
  return chinese ? `(${from ?? "…"} 到 ${to})` : ` from ${from ?? "…"} to ${to}`;
}

function missing(path: Path, schema: SchemaNode): Finding {
  const expected = expectation(schema);
  const key = String(path.at(-1));
  return {
    code: "CONFIG_KEY_MISSING",
    path,
    message: { en: `"${key}" is missing.`, "zh-CN": `缺少“${key}”。` },
    remedy: { en: `Add "${key}": ${expected.en}.`, "zh-CN": `请添加“${key}”:${expected["zh-CN"]}。` },
  };
}

function unknownKey(path: Path, key: string, known: readonly string[]): Finding {
  const nearest = closest(key, known);
  const list = known.join(", ");
  return {
    code: "CONFIG_UNKNOWN_KEY",
    path: [...path, key],
    at: "key",
    message: { en: `Unknown key "${key}".`, "zh-CN": `未知的键“${key}”。` },
    remedy:
      nearest === undefined
        ? { en: `Known here: ${list}.`, "zh-CN": `此处可用:${list}。` }
        : { en: `Did you mean "${nearest}"? Known here: ${list}.`, "zh-CN": `是否想写“${nearest}”?此处可用:${list}。` },
  };
}

function secret(path: Path, key: string): Finding {
  return {
    code: "CONFIG_SECRET_INLINE",
    path: [...path, key],
    at: "key",
    message: {
      en: `"${key}" looks like a secret; secrets do not stand in this file.`,
      "zh-CN": `“${key}”似乎是密钥或密码,不应写在此文件中。`,
    },
  };
}

/** The nearest of some names, if any is near enough to be a slip of the finger. */
export function closest(name: string, known: readonly string[]): string | undefined {
  const lower = name.toLowerCase();
  const ranked = known
    .map((candidate) => ({ candidate, edits: distance(lower, candidate.toLowerCase()) }))
    .sort((a, b) => a.edits - b.edits);
  const best = ranked[0];
  return best !== undefined && best.edits <= Math.max(2, Math.floor(name.length / 3)) ? best.candidate : undefined;
}

function suggestId(key: string): Sentence {
  const id = key
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]+/g, "-")
    .replaceAll(/^-+|-+$/g, "")
    .slice(0, 40);
  return id === ""
    ? {
        en: 'Choose an id such as "bay-1"; names for people go into "name".',
        "zh-CN": "请用如 “bay-1” 的编号;给人看的名称写在 “name” 中。",
      }
    : { en: `Write "${id}"; names for people go into "name".`, "zh-CN": `请写作“${id}”;给人看的名称写在 “name” 中。` };
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
