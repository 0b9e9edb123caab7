import { ERRORS, type ErrorCode, type Language } from "../../contract/errors.ts";

/** A sentence in both languages. */
export type Sentence = Readonly<Record<Language, string>>;

/** One thing that is wrong (or doubtful) in a configuration, told so that an installer can put it right. */
export interface ConfigurationProblem {
  readonly code: ErrorCode;
  /** Key path, e.g. `bays.bay-1.cameras`; empty for the file as a whole. */
  readonly path: string;
  /** Counted from 1; 0 where the problem has no line (a missing file). */
  readonly line: number;
  readonly column: number;
  /** The value found, shortened; never a secret. */
  readonly found?: string;
  readonly message: Sentence;
  readonly remedy: Sentence;
}

/** A problem before its place in the file is known. `at: "key"` points at the key, otherwise at the value. */
export interface Finding {
  readonly code: ErrorCode;
  readonly path: readonly (string | number)[];
  readonly at?: "key";
  readonly found?: string;
  readonly message: Sentence;
  /** The registry's remedy where absent. */
  readonly remedy?: Sentence;
}

/** What stands in a problem as "found": short, and on one line. */
export function shown(value: unknown): string {
  const text = typeof value === "string" ? JSON.stringify(value) : (JSON.stringify(value) ?? String(value));
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}

/** `["bays", "bay-1", "zone", 2]` as `bays.bay-1.zone[2]`. */
function pathText(path: readonly (string | number)[]): string {
  return path.reduce<string>(
    (text, part) => (typeof part === "number" ? `${text}[${part}]` : text === "" ? part : `${text}.${part}`),
    "",
  );
}

export function problemOf(
  finding: Finding,
  place: { readonly line: number; readonly column: number },
): ConfigurationProblem {
  return {
    code: finding.code,
    path: pathText(finding.path),
    line: place.line,
    column: place.column,
    ...(finding.found === undefined ? {} : { found: finding.found }),
    message: finding.message,
    remedy: finding.remedy ?? ERRORS[finding.code].remedy,
  };
}

/** One problem on one line, as compilers write it: `shop.yaml:12:5 bays.bay-1: message (found …). Remedy`. */
export function problemLine(problem: ConfigurationProblem, file: string, language: Language): string {
  const place = problem.line === 0 ? file : `${file}:${problem.line}:${problem.column}`;
  const found =
    problem.found === undefined ? "" : language === "en" ? ` (found ${problem.found})` : `(当前值 ${problem.found})`;
  const path = problem.path === "" ? "" : ` ${problem.path}:`;
  return `${place}${path} ${problem.message[language]}${found} ${problem.remedy[language]} [${problem.code}]`;
}
