import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  YAMLParseError,
} from "yaml";
import type { Finding } from "./problems.ts";

export interface Place {
  readonly line: number;
  readonly column: number;
}

export interface Source {
  readonly value: unknown;
  /** Where a key or value stands; the nearest enclosing one where the path does not exist. */
  locate(path: readonly (string | number)[], at?: "key"): Place;
}

/** Larger than any shop needs; beyond it somebody has given us the wrong file. */
const MAX_CHARACTERS = 1_000_000;

/**
 * Parses YAML and remembers where everything stands. Syntax errors are findings with places, several at once.
 * Never throws: hostile input (aliases that multiply, nesting without end) is a finding too.
 */
export function readSource(
  text: string,
): { readonly source: Source } | { readonly problems: readonly (Finding & { readonly place: Place })[] } {
  const lines = new LineCounter();
  const placeOf = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  if (text.length > MAX_CHARACTERS)
    return { problems: [syntax("the file is larger than 1 MB", "文件超过 1 MB", { line: 1, column: 1 })] };
  try {
    // `error`: what the parser warns of (a list as a key) becomes an unknown key here, with its line.
    const document = parseDocument(text, {
      lineCounter: lines,
      prettyErrors: false,
      uniqueKeys: true,
      logLevel: "error",
    });
    if (document.errors.length > 0) {
      const first = document.errors.slice(0, 20);
      return {
        problems: first.map((error) =>
          syntax(plainEnglish(error), `YAML 语法错误(${error.code})`, placeOf(error.pos[0])),
        ),
      };
    }
    const value: unknown = document.toJS({ maxAliasCount: 50 });
    if (containsItself(value, new Set(), new Set()))
      return { problems: [syntax("an alias stands within what it names", "别名引用了自身", { line: 1, column: 1 })] };
    return { source: { value, locate: (path, at) => placeOf(offsetOf(document, path, at)) } };
  } catch (error) {
    // Stack overflow from endless nesting, unresolved or multiplying aliases: yaml throws instead of listing them.
    const reason =
      error instanceof RangeError ? "it is nested too deeply" : error instanceof Error ? error.message : String(error);
    return { problems: [syntax(reason, "YAML 结构无法解析(嵌套过深或别名有误)", { line: 1, column: 1 })] };
  }
}

/** `a: &x [*x]`: a value without end, on which every walk would be one without end. */
function containsItself(value: unknown, around: Set<object>, seen: Set<object>): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (around.has(value)) return true;
  if (seen.has(value)) return false;
  seen.add(value);
  around.add(value);
  const found = Object.values(value).some((inner) => containsItself(inner, around, seen));
  around.delete(value);
  return found;
}

function syntax(en: string, zh: string, place: Place): Finding & { readonly place: Place } {
  return { code: "CONFIG_SYNTAX", path: [], message: { en: `Not valid YAML: ${en}.`, "zh-CN": `${zh}。` }, place };
}

function plainEnglish(error: unknown): string {
  if (!(error instanceof YAMLParseError)) return "unreadable";
  return error.code === "DUPLICATE_KEY" ? "the key stands twice" : error.message.replace(/\.$/, "");
}

function offsetOf(document: Document, path: readonly (string | number)[], at?: "key"): number {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  for (const [index, part] of path.entries()) {
    if (isAlias(node)) node = node.resolve(document);
    if (isMap(node)) {
      const pair = node.items.find((item) => String(isScalar(item.key) ? item.key.value : item.key) === String(part));
      if (pair === undefined) return offset;
      const keyOffset = startOf(pair.key) ?? offset;
      const last = index === path.length - 1;
      offset = last && at === "key" ? keyOffset : (startOf(pair.value) ?? keyOffset);
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(part)];
      offset = startOf(node) ?? offset;
    } else return offset;
  }
  return offset;
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? (node satisfies Node).range?.[0] : undefined;
}
