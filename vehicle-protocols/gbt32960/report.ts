import { type Decoded, decoded, ProtocolError, refused } from "../errors.ts";
import { type Block, type Block2016, type Block2025, blockOfType, encodingOf } from "./blocks.ts";
import { ByteReader, ByteWriter, type Codec, struct, whole } from "./codec.ts";
import type { Edition } from "./packet.ts";

/** When something was collected, as the vehicle says: China's time, whole seconds. Not checked against a calendar. */
export type ReportTime = {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
};

/** Data behind the last block that could be read. Blocks have no length, so nothing behind it can be found either. */
export type Undecoded = {
  readonly reason: "unknown-type" | "truncated";
  readonly type: number;
  /** From the block's type byte on. */
  readonly bytes: Uint8Array;
};

/** What a vehicle reports of itself (command 02, or 03 if late). */
export type Report = ReportOf<2016, Block2016> | ReportOf<2025, Block2025>;
type ReportOf<E extends Edition, B> = {
  readonly edition: E;
  readonly time: ReportTime;
  /** In the order of the packet. A kind may come more than once. */
  readonly blocks: readonly B[];
  readonly undecoded?: Undecoded;
};

const CENTURY = 2000;
const CHINA_MS = 8 * 3_600_000;
const timeBytes = struct({
  year: whole(1),
  month: whole(1),
  day: whole(1),
  hour: whole(1),
  minute: whole(1),
  second: whole(1),
});

export const time: Codec<ReportTime> = {
  read: (reader) => {
    const { year, ...rest } = timeBytes.read(reader);
    return { year: CENTURY + year, ...rest };
  },
  write: (writer, value) => timeBytes.write(writer, { ...value, year: value.year - CENTURY }),
};

/** Milliseconds since 1970; undefined if there is no such date or time of day. */
export function unixMsOf(when: ReportTime): number | undefined {
  const { year, month, day, hour, minute, second } = when;
  const ms = Date.UTC(year, month - 1, day, hour, minute, second) - CHINA_MS;
  const same = reportTimeOf(ms);
  return Object.entries(same).every(([name, value]) => when[name as keyof ReportTime] === value) ? ms : undefined;
}

/** Date and time of day in China, as a report carries them, of milliseconds since 1970; parts of a second fall away. */
export function reportTimeOf(unixMs: number): ReportTime {
  const china = new Date(unixMs + CHINA_MS);
  return {
    year: china.getUTCFullYear(),
    month: china.getUTCMonth() + 1,
    day: china.getUTCDate(),
    hour: china.getUTCHours(),
    minute: china.getUTCMinutes(),
    second: china.getUTCSeconds(),
  };
}

/**
 * Reads the data of a report. A block of a type that has no public layout, or one that is cut off, ends the reading; it
 * and what follows it is `undecoded`.
 * @returns error `truncated` if not even the time is there. Never throws.
 */
export function decodeReport(edition: Edition, data: Uint8Array): Decoded<Report> {
  if (data.length < 6) return refused("truncated", `${data.length} bytes are no report`);
  const reader = new ByteReader(data);
  const when = time.read(reader);
  const blocks: Block[] = [];
  // The tables pair each edition with its blocks, and each kind with the codec of its value.
  const report = (undecoded?: Undecoded) =>
    decoded({ edition, time: when, blocks, ...(undecoded === undefined ? {} : { undecoded }) } as Report);
  while (reader.left > 0) {
    const start = reader.at;
    const type = reader.unsigned(1);
    const known = blockOfType(edition, type);
    if (known === undefined) return report({ reason: "unknown-type", type, bytes: data.slice(start) });
    try {
      const value = known.body.read(reader);
      blocks.push((known.kind === "custom" ? { kind: "custom", type, value } : { kind: known.kind, value }) as Block);
    } catch (error) {
      if (error instanceof ProtocolError) return report({ reason: "truncated", type, bytes: data.slice(start) });
      throw error;
    }
  }
  return report();
}

/**
 * Writes the data of a report; one that was read comes out byte for byte.
 * @throws ProtocolError `invalid-argument` if a value does not fit
 */
export function encodeReport(report: Report): Uint8Array {
  const writer = new ByteWriter();
  time.write(writer, report.time);
  for (const block of report.blocks) {
    const { type, body } = encodingOf(report.edition, block);
    writer.unsigned(type, 1);
    body.write(writer, block.value as never);
  }
  if (report.undecoded !== undefined) writer.bytes(report.undecoded.bytes);
  return writer.result();
}
