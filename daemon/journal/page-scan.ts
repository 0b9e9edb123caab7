import { readFileSync } from "node:fs";

/** A value of a stored row as SQLite's file format keeps it. */
export type Stored = null | number | string | Buffer;

export interface ScannedRow {
  readonly rowid: number;
  readonly values: readonly Stored[];
}

const TABLE_LEAF = 0x0d;
const DEFAULT_PAGE_SIZE = 4096;
const WAL_HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;

/**
 * Reads every row that stands on any leaf page of a table, whatever the tree above it looks like (SQLite file format, §1.6 and §2.1). A page or a row
 * that makes no sense is passed over; whether a row is true must be told by its own hash.
 * @param logFile write-ahead log whose pages are looked at as well
 */
export function* scanPages(databaseFile: string, logFile?: string): Generator<ScannedRow> {
  const file = readFileSync(databaseFile);
  const size = pageSizeOf(file);
  const page = (number: number): Buffer | undefined =>
    number >= 1 && number * size <= file.length ? file.subarray((number - 1) * size, number * size) : undefined;
  // The size in the header may be what was damaged: the file's length is believed.
  for (let number = 1; page(number) !== undefined; number += 1)
    yield* rowsOfPage(page(number), number === 1 ? 100 : 0, page);
  if (logFile === undefined) return;
  const log = readFileSync(logFile);
  for (let at = WAL_HEADER_BYTES; at + FRAME_HEADER_BYTES + size <= log.length; at += FRAME_HEADER_BYTES + size) {
    yield* rowsOfPage(log.subarray(at + FRAME_HEADER_BYTES, at + FRAME_HEADER_BYTES + size), 0, page);
  }
}

function pageSizeOf(file: Buffer): number {
  if (file.length < 100) return DEFAULT_PAGE_SIZE;
  const size = file.readUInt16BE(16);
  return size >= 512 && size <= 32_768 && (size & (size - 1)) === 0 ? size : DEFAULT_PAGE_SIZE;
}

function* rowsOfPage(
  page: Buffer | undefined,
  headerAt: number,
  pageNumbered: (number: number) => Buffer | undefined,
): Generator<ScannedRow> {
  if (page === undefined || page[headerAt] !== TABLE_LEAF) return;
  const cells = page.readUInt16BE(headerAt + 3);
  for (let index = 0; index < cells; index += 1) {
    const pointerAt = headerAt + 8 + index * 2;
    if (pointerAt + 2 > page.length) return;
    try {
      yield readCell(page, page.readUInt16BE(pointerAt), pageNumbered);
    } catch (error) {
      // Only "outside the buffer" says that the cell is damaged; anything else is our own mistake.
      if (!(error instanceof RangeError)) throw error;
    }
  }
}

function readCell(page: Buffer, at: number, pageNumbered: (number: number) => Buffer | undefined): ScannedRow {
  const length = readVarint(page, at);
  const rowid = readVarint(page, length.next);
  const payload = readPayload(page, rowid.next, length.value, pageNumbered);
  const headerLength = readVarint(payload, 0);
  const values: Stored[] = [];
  let typeAt = headerLength.next;
  let valueAt = headerLength.value;
  while (typeAt < headerLength.value) {
    const type = readVarint(payload, typeAt);
    typeAt = type.next;
    const stored = readStored(payload, valueAt, type.value);
    values.push(stored.value);
    valueAt = stored.next;
  }
  return { rowid: rowid.value, values };
}

/** The payload, gathered from overflow pages where it does not fit (file format §1.6: local part and chain). */
function readPayload(
  page: Buffer,
  at: number,
  length: number,
  pageNumbered: (number: number) => Buffer | undefined,
): Buffer {
  const usable = page.length;
  const maxLocal = usable - 35;
  const MAX_ROW_BYTES = 64 * 1024 * 1024;
  if (length > MAX_ROW_BYTES) throw new RangeError("a row this long was never written");
  if (length <= maxLocal) return slice(page, at, length);
  const minLocal = Math.floor(((usable - 12) * 32) / 255) - 23;
  const fitting = minLocal + ((length - minLocal) % (usable - 4));
  const local = fitting <= maxLocal ? fitting : minLocal;
  const parts = [slice(page, at, local)];
  let next = page.readUInt32BE(at + local);
  for (let missing = length - local; missing > 0; ) {
    const overflow = pageNumbered(next);
    if (overflow === undefined) throw new RangeError("an overflow page is missing");
    const taken = Math.min(missing, usable - 4);
    parts.push(slice(overflow, 4, taken));
    missing -= taken;
    next = overflow.readUInt32BE(0);
  }
  return Buffer.concat(parts);
}

function readVarint(bytes: Buffer, at: number): { readonly value: number; readonly next: number } {
  let value = 0;
  for (let index = 0; index < 8; index += 1) {
    const byte = bytes.readUInt8(at + index);
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) return { value, next: at + index + 1 };
  }
  return { value: value * 256 + bytes.readUInt8(at + 8), next: at + 9 };
}

const INTEGER_BYTES: Readonly<Record<number, number>> = { 1: 1, 2: 2, 3: 3, 4: 4, 5: 6 };

function readStored(bytes: Buffer, at: number, type: number): { readonly value: Stored; readonly next: number } {
  if (type === 0) return { value: null, next: at };
  const integerBytes = INTEGER_BYTES[type];
  if (integerBytes !== undefined) return { value: bytes.readIntBE(at, integerBytes), next: at + integerBytes };
  if (type === 6) return { value: Number(bytes.readBigInt64BE(at)), next: at + 8 };
  if (type === 7) return { value: bytes.readDoubleBE(at), next: at + 8 };
  if (type === 8 || type === 9) return { value: type - 8, next: at };
  if (type < 12) throw new RangeError("a reserved serial type");
  const length = Math.floor((type - 12) / 2);
  const content = slice(bytes, at, length);
  return { value: type % 2 === 0 ? content : content.toString("utf8"), next: at + length };
}

function slice(bytes: Buffer, at: number, length: number): Buffer {
  if (at < 0 || at + length > bytes.length) throw new RangeError("outside the page");
  return bytes.subarray(at, at + length);
}
