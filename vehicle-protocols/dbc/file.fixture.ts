import { DbcDatabase } from "./database.ts";
import type { DbcFile, ExactNumber } from "./model.ts";
import { parseDbc } from "./parser.ts";

/** The file, which must be one that can be read. */
export function parsed(input: string | Uint8Array): DbcFile {
  const result = parseDbc(input);
  if (!result.ok) throw result.error;
  return result.value;
}

/** A message 100 (or another) of eight bytes with the given lines below it. */
export function withSignals(lines: readonly string[], { id = 100, length = 8, more = "" } = {}): DbcFile {
  return parsed(
    `VERSION ""\nBU_: A B\nBO_ ${id} Message: ${length} A\n${lines.map((line) => ` SG_ ${line}`).join("\n")}\n${more}\n`,
  );
}

/** Name and value of each signal that a frame of message 100 carries. */
export function valuesOf(
  file: DbcFile,
  data: readonly number[],
  id = 100,
  extended = false,
): Record<string, ExactNumber> {
  const reading = new DbcDatabase([file]).decode(id, extended, Uint8Array.from(data));
  if (reading === undefined) throw new Error(`no message ${id}`);
  return Object.fromEntries(reading.signals.map(({ signal, value }) => [signal.name, value]));
}

/** Codes of what was wrong in a file, with their lines. */
export function problemsOf(file: DbcFile): [code: string, line: number][] {
  return file.problems.map(({ code, line }) => [code, line]);
}
