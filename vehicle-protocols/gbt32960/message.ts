import { type Decoded, decoded, ProtocolError, refused } from "../errors.ts";
import { type AnyCodec, ByteReader, ByteWriter, type Codec, struct, text, type ValueOf, whole } from "./codec.ts";
import { COMMAND, type Edition, type Gb32960Packet, NOT_ENCRYPTED } from "./packet.ts";
import { decodeReport, encodeReport, type Report, type ReportTime, time } from "./report.ts";

/** The codes of the battery packs: for 2016 all of one length, said in front; for 2025 by battery management system. */
type PackCodes2016 = { readonly codeBytes: number; readonly codes: readonly string[] };
const packCodes2016: Codec<PackCodes2016> = {
  read: (reader) => {
    const count = reader.unsigned(1);
    const codeBytes = reader.unsigned(1);
    return { codeBytes, codes: Array.from({ length: count }, () => text(codeBytes).read(reader)) };
  },
  write: (writer, { codeBytes, codes }) => {
    whole(1).write(writer, codes.length);
    whole(1).write(writer, codeBytes);
    for (const code of codes) text(codeBytes).write(writer, code);
  },
};

const CODE_2025 = text(24);
const packCodes2025: Codec<readonly (readonly string[])[]> = {
  read: (reader) => {
    const packs = Array.from(reader.bytes(reader.unsigned(1)));
    return packs.map((count) => Array.from({ length: count }, () => CODE_2025.read(reader)));
  },
  write: (writer, systems) => {
    whole(1).write(writer, systems.length);
    for (const codes of systems) whole(1).write(writer, codes.length);
    for (const code of systems.flat()) CODE_2025.write(writer, code);
  },
};

const session = { time, serial: whole(2) };
const login2016 = struct({ ...session, iccid: text(20), packs: packCodes2016 });
const login2025 = struct({ ...session, iccid: text(20), packs: packCodes2025 });
const logout = struct(session);
const platformLogin = struct({ ...session, user: text(12), password: text(20), encryption: whole(1) });
const nothing = struct({});

/** What a packet says. */
export type Message =
  | { readonly kind: "report" | "late-report"; readonly value: Report }
  | { readonly kind: "login"; readonly value: ValueOf<typeof login2016> | ValueOf<typeof login2025> }
  | { readonly kind: "logout" | "platform-logout"; readonly value: ValueOf<typeof logout> }
  | { readonly kind: "platform-login"; readonly value: ValueOf<typeof platformLogin> }
  | { readonly kind: "heartbeat" | "clock" }
  /** The other side's answer to a command, with the command's time and, to a query, what was asked for. */
  | {
      readonly kind: "answer";
      readonly to: number;
      readonly outcome: number;
      readonly time?: ReportTime;
      readonly bytes: Uint8Array;
    }
  /** Commands whose data are between a platform and its own vehicles, or have no public layout. */
  | { readonly kind: "other"; readonly command: number; readonly bytes: Uint8Array };

type PlainKind = Exclude<Message["kind"], "report" | "late-report" | "answer" | "other">;
const REPORTS: ReadonlyMap<number, "report" | "late-report"> = new Map([
  [2, "report"],
  [3, "late-report"],
]);
function plainCommands(edition: Edition): readonly (readonly [command: number, kind: PlainKind, body: AnyCodec])[] {
  return [
    [1, "login", edition === 2016 ? login2016 : login2025],
    [4, "logout", logout],
    [5, "platform-login", platformLogin],
    [6, "platform-logout", logout],
    [7, "heartbeat", nothing],
    [8, "clock", nothing],
  ];
}

/**
 * Reads what a packet says.
 * @returns error `encrypted` if its data are, `truncated` if bytes are missing or left over. Never throws.
 */
export function decodeMessage(packet: Gb32960Packet): Decoded<Message> {
  const { edition, command, response, data } = packet;
  if (packet.encryption !== NOT_ENCRYPTED && data.length > 0) return refused("encrypted", "the data are encrypted");
  try {
    const reader = new ByteReader(data);
    if (response !== COMMAND) {
      const when = data.length >= 6 ? { time: time.read(reader) } : {};
      return decoded({ kind: "answer", to: command, outcome: response, ...when, bytes: reader.bytes(reader.left) });
    }
    const reportKind = REPORTS.get(command);
    if (reportKind !== undefined) {
      const report = decodeReport(edition, data);
      return report.ok ? decoded({ kind: reportKind, value: report.value }) : report;
    }
    const plain = plainCommands(edition).find(([each]) => each === command);
    if (plain === undefined) return decoded({ kind: "other", command, bytes: data });
    const value = plain[2].read(reader);
    if (reader.left > 0) return refused("truncated", `${reader.left} bytes too many`);
    // The table pairs each kind with the codec of its value.
    return decoded((plain[2] === nothing ? { kind: plain[1] } : { kind: plain[1], value }) as Message);
  } catch (error) {
    if (error instanceof ProtocolError) return { ok: false, error };
    throw error;
  }
}

/**
 * Makes the packet that says this, not encrypted.
 * @throws ProtocolError `invalid-argument` if a value does not fit, or a report is of another edition
 */
export function packetOf(vin: string, edition: Edition, message: Message): Gb32960Packet {
  const packet = { edition, vin, encryption: NOT_ENCRYPTED };
  const writer = new ByteWriter();
  if (message.kind === "answer") {
    if (message.time !== undefined) time.write(writer, message.time);
    writer.bytes(message.bytes);
    return { ...packet, command: message.to, response: message.outcome, data: writer.result() };
  }
  if (message.kind === "other") return { ...packet, command: message.command, response: COMMAND, data: message.bytes };
  if (message.kind === "report" || message.kind === "late-report") {
    if (message.value.edition !== edition) throw new ProtocolError("invalid-argument", "a report of another edition");
    const command = message.kind === "report" ? 2 : 3;
    return { ...packet, command, response: COMMAND, data: encodeReport(message.value) };
  }
  for (const [command, kind, body] of plainCommands(edition)) {
    if (kind !== message.kind) continue;
    body.write(writer, ("value" in message ? message.value : {}) as never);
    return { ...packet, command, response: COMMAND, data: writer.result() };
  }
  throw new ProtocolError("invalid-argument", `no command says "${message.kind}"`);
}
