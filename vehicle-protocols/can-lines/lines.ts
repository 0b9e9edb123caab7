import { type CanLineParser, type CanRecord, unreadable } from "./record.ts";

/** The longest frame line, of 64 bytes with a symbolic name and flags, has some 350 characters. */
const MOST_LENGTH = 4096;

/**
 * A parser of a log of lines. `parse` gets each line without its end and its number; what it cannot read is for it to say.
 * Lines of more than 4096 characters are unreadable.
 */
export function lineParser(parse: (line: string, number: number) => CanRecord | undefined): CanLineParser {
  // One byte, one character: signs beyond ASCII stand in comments only.
  const decoder = new TextDecoder("latin1");
  let rest = "";
  let tooLong = false;
  let number = 0;
  const take = (line: string): CanRecord | undefined => {
    number += 1;
    const cut = tooLong || line.length > MOST_LENGTH;
    tooLong = false;
    return cut ? unreadable(number, line) : parse(line.endsWith("\r") ? line.slice(0, -1) : line, number);
  };
  const push = (bytes: Uint8Array): CanRecord[] => {
    const records: CanRecord[] = [];
    const lines = (rest + decoder.decode(bytes)).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const record = take(line);
      if (record !== undefined) records.push(record);
    }
    if (rest.length > MOST_LENGTH) {
      tooLong = true;
      rest = rest.slice(0, MOST_LENGTH);
    }
    return records;
  };
  return { push, end: () => (rest === "" && !tooLong ? [] : push(Uint8Array.of(0x0a))) };
}
