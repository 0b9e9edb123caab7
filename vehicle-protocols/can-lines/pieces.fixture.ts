import { expect } from "vitest";
import { toHex } from "../can-frame.ts";
import type { CanLineParser, CanRecord } from "./record.ts";

/** Everything that a parser makes of a whole input. */
export function readAll<Item>(parser: CanLineParser<Item>, input: Uint8Array | string): Item[] {
  return [...parser.push(Buffer.from(input)), ...parser.end()];
}

/** What a parser makes of an input, after making sure that it does not matter where the bytes are cut. */
export function readInAnyPieces<Item>(create: () => CanLineParser<Item>, input: Uint8Array | string): Item[] {
  const bytes = Buffer.from(input);
  const whole = readAll(create(), bytes);
  for (let cut = 1; cut < bytes.length; cut++) {
    const parser = create();
    const items = [...parser.push(bytes.subarray(0, cut)), ...parser.push(bytes.subarray(cut)), ...parser.end()];
    expect(items, `cut at ${cut}`).toEqual(whole);
  }
  const parser = create();
  const items = [...bytes].flatMap((byte) => parser.push(Uint8Array.of(byte)));
  expect([...items, ...parser.end()]).toEqual(whole);
  return whole;
}

/** A record in one line, such as `1000 can0 rx 7E8#03410C` or `- - - remote 123`. */
export function inShort(record: CanRecord): string {
  if (record.kind === "unreadable") return `unreadable ${record.line}: ${record.text}`;
  const { timeMs, bus, direction } = record;
  const seen = `${timeMs === undefined ? "-" : Math.round(timeMs * 1000) / 1000} ${bus ?? "-"} ${direction ?? "-"}`;
  switch (record.kind) {
    case "data": {
      const { id, extended, data, fd } = record.frame;
      return `${seen} ${identifier(id, extended)}${fd === true ? "##" : "#"}${toHex(data)}`;
    }
    case "remote":
      return `${seen} remote ${identifier(record.id, record.extended)}`;
    default:
      return `${seen} ${record.kind} ${record.text}`;
  }
}

function identifier(id: number, extended: boolean): string {
  return id
    .toString(16)
    .toUpperCase()
    .padStart(extended ? 8 : 3, "0");
}
