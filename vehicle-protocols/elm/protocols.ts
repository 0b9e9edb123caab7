import type { ElmBus } from "./reply-line.ts";

/** A protocol by the number that `ATSP` takes and `ATDPN` gives. */
export type ElmProtocol = {
  readonly number: string;
  readonly bus: ElmBus;
  /** The line's name in a scan. */
  readonly name: string;
  /** Header of a question to all units by SAE J1979, for the lines that have one of three bytes. */
  readonly header?: string;
};

/** In the order in which they are looked for: 500 kbit/s before 250, then what the chip's own search may find. */
export const CAN_PROTOCOLS: readonly ElmProtocol[] = [
  { number: "6", bus: "can-11", name: "iso15765-4-11bit" },
  { number: "7", bus: "can-29", name: "iso15765-4-29bit" },
  { number: "8", bus: "can-11", name: "iso15765-4-11bit" },
  { number: "9", bus: "can-29", name: "iso15765-4-29bit" },
];

const LEGACY_PROTOCOLS: readonly ElmProtocol[] = [
  { number: "1", bus: "j1850-pwm", name: "j1850-pwm", header: "616AF1" },
  { number: "2", bus: "j1850-vpw", name: "j1850-vpw", header: "686AF1" },
  { number: "3", bus: "k-line", name: "iso9141-2", header: "686AF1" },
  { number: "4", bus: "k-line", name: "iso14230-4", header: "C233F1" },
  { number: "5", bus: "k-line", name: "iso14230-4", header: "C233F1" },
];

/** Reads the answer to `ATDPN`: a digit, after an `A` where the chip searched by itself. */
export function protocolOfNumber(text: string): ElmProtocol | undefined {
  const number = /^A?([1-9])$/.exec(text.trim().toUpperCase())?.[1];
  return [...CAN_PROTOCOLS, ...LEGACY_PROTOCOLS].find((protocol) => protocol.number === number);
}

/** The CAN protocol with identifiers of this width, at the bit rate of another one. */
export function canProtocol(extended: boolean, like: ElmProtocol | undefined): ElmProtocol {
  const slow = like?.number === "8" || like?.number === "9";
  return CAN_PROTOCOLS[(slow ? 2 : 0) + (extended ? 1 : 0)]!;
}

/** Whether answers come in CAN frames. */
export function isCan(protocol: ElmProtocol): boolean {
  return protocol.bus === "can-11" || protocol.bus === "can-29";
}
