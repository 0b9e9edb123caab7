import { lineParser } from "./lines.ts";
import {
  type CanLineParser,
  type CanRecord,
  FD_LENGTHS,
  isIdentifier,
  type Sighting,
  unreadable,
  wordBytes,
} from "./record.ts";

// PEAK CAN TRC file format: the columns of each version, in the letters that version 2 names them by.
const COLUMNS: Readonly<Record<string, string>> = {
  "1.0": "N,O,I,L,D",
  "1.1": "N,O,T,I,L,D",
  "1.2": "N,O,B,T,I,L,D",
  "1.3": "N,O,B,T,I,R,L,D",
  "2.0": "N,O,T,I,d,l,D",
  "2.1": "N,O,T,B,I,d,R,L,D",
};

/** Dates in the header are days since this one. */
const DAY_ZERO_MS = Date.UTC(1899, 11, 30);
const DAY_MS = 86_400_000;

const FD_TYPES = new Set(["FD", "FB", "FE", "BI"]);
const NOTES = new Set(["Warng", "ST", "EC", "EV"]);

/**
 * PEAK TRC logs, versions 1.0 to 1.3, 2.0 and 2.1 (a file without a version is 1.0). Time counts since 1970 where the header
 * has the start (taken as UTC, since it does not say its zone), else from it. Bus states and error counters come as notes.
 */
export function trcParser(): CanLineParser {
  let columns = COLUMNS["1.0"]!.split(",");
  let startMs = 0;
  return lineParser((line, number) => {
    const text = line.trim();
    if (text === "") return undefined;
    if (text.startsWith(";")) {
      const header = /^;\$(FILEVERSION|STARTTIME|COLUMNS)=(.*)$/.exec(text);
      const value = header?.[2]?.trim() ?? "";
      if (header?.[1] === "FILEVERSION") {
        const known = COLUMNS[value];
        if (known === undefined) return unreadable(number, line);
        columns = known.split(",");
      } else if (header?.[1] === "STARTTIME") {
        const days = Number(value.replace(",", "."));
        if (!Number.isFinite(days)) return unreadable(number, line);
        startMs = DAY_ZERO_MS + days * DAY_MS;
      } else if (header?.[1] === "COLUMNS") columns = value.split(",").map((column) => column.trim());
      return undefined;
    }
    return parseLine(text.split(/\s+/), columns, startMs) ?? unreadable(number, line);
  });
}

function parseLine(words: readonly string[], columns: readonly string[], startMs: number): CanRecord | undefined {
  // The data column holds the rest of the line.
  const cell = (column: string): string | undefined => words[columns.indexOf(column)];
  const offset = Number(cell("O"));
  if (!/^\d+\)?$/.test(cell("N") ?? "0") || !Number.isFinite(offset)) return undefined;
  // From version 2 on the direction has a column of its own; before, it is the type.
  const type = cell("T") ?? "Rx";
  const direction = cell("d") ?? type;
  const sighting: Sighting = {
    timeMs: startMs + offset,
    bus: cell("B"),
    direction: /^[RT]x$/i.test(direction) ? (/^T/i.test(direction) ? "tx" : "rx") : undefined,
  };
  const rest = columns.includes("D") ? words.slice(columns.indexOf("D")) : [];
  const idText = cell("I") ?? "";
  const text = words.slice(2).join(" ");
  if (type === "ER" || type === "Error") return { ...sighting, kind: "error", text };
  // In version 1.0 a status has an identifier of its own.
  if (NOTES.has(type) || idText === "FFFFFFFF") return { ...sighting, kind: "note", text };
  const extended = idText.length > 4;
  const id = /^[0-9a-fA-F]{3,8}$/.test(idText) ? Number.parseInt(idText, 16) : Number.NaN;
  if (!isIdentifier(id, extended)) return undefined;
  if (type === "RR" || /^RTR$/i.test(rest[0] ?? "")) return { ...sighting, kind: "remote", id, extended };
  const fd = FD_TYPES.has(type);
  if (!fd && type !== "DT" && !/^[RT]x$/i.test(type)) return undefined;
  const length = lengthOf(cell("l"), cell("L"), fd);
  const data = length === undefined ? undefined : wordBytes(rest, length);
  if (data === undefined) return undefined;
  return { ...sighting, kind: "data", frame: fd ? { id, extended, data, fd } : { id, extended, data } };
}

/** From bytes (`l`) or a length code (`L`), which goes up to 15. */
function lengthOf(bytes: string | undefined, code: string | undefined, fd: boolean): number | undefined {
  const text = bytes ?? code ?? "";
  if (!/^\d{1,2}$/.test(text)) return undefined;
  const value = Number(text);
  if (bytes !== undefined) return value <= (fd ? 64 : 8) ? value : undefined;
  return fd ? FD_LENGTHS[value] : value <= 15 ? Math.min(value, 8) : undefined;
}
