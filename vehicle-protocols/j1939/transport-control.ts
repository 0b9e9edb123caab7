import type { CanFrame } from "../can-frame.ts";
import { composeIdentifier } from "./identifier.ts";

/** SAE J1939-21, TP.CM: what the two sides of a transfer say to each other. */
export type Control =
  | {
      readonly kind: "broadcast" | "request-to-send";
      readonly pgn: number;
      /** Bytes, 9 to 1785. */
      readonly size: number;
      readonly packets: number;
      readonly mostAtOnce: number;
      /** Size and number of packets agree. */
      readonly valid: boolean;
    }
  | { readonly kind: "clear-to-send"; readonly pgn: number; readonly packets: number }
  | { readonly kind: "end-of-message" | "abort"; readonly pgn: number };

const REQUEST_TO_SEND = 16;
const CLEAR_TO_SEND = 17;
const END_OF_MESSAGE = 19;
const BROADCAST = 32;
const ABORT = 255;

const CONTROL_PGN = 0xec00;
/** Lowest, as transfers have. */
const PRIORITY = 7;

/** undefined for a control byte that J1939-21 does not have, or fewer than 8 bytes. */
export function readControl(data: Uint8Array): Control | undefined {
  if (data.length < 8) return undefined;
  const [control = 0, low = 0, high = 0, packets = 0, most = 0] = data;
  const pgn = data[5]! | (data[6]! << 8) | (data[7]! << 16);
  switch (control) {
    case BROADCAST:
    case REQUEST_TO_SEND: {
      const size = low | (high << 8);
      return {
        kind: control === BROADCAST ? "broadcast" : "request-to-send",
        pgn,
        size,
        packets,
        // 255 and, in old implementations, 0: as many as you like.
        mostAtOnce: control === BROADCAST || most === 0 ? 255 : most,
        valid: size >= 9 && size <= 1785 && packets === Math.ceil(size / 7) && pgn <= 0x3ffff,
      };
    }
    case CLEAR_TO_SEND:
      return { kind: "clear-to-send", pgn, packets: low };
    case END_OF_MESSAGE:
      return { kind: "end-of-message", pgn };
    case ABORT:
      return { kind: "abort", pgn };
    default:
      return undefined;
  }
}

type Ends = { readonly pgn: number; readonly source: number; readonly destination: number };

/** From the receiver of a transfer: go on with `count` packets from `next` on. */
export function clearToSendFrame(transfer: Ends, count: number, next: number): CanFrame {
  return controlFrame(transfer, [CLEAR_TO_SEND, count, next, 0xff, 0xff]);
}

/** From the receiver of a transfer: all is here. */
export function acknowledgeFrame(transfer: Ends & { readonly data: Uint8Array }, packets: number): CanFrame {
  const { length } = transfer.data;
  return controlFrame(transfer, [END_OF_MESSAGE, length & 0xff, length >> 8, packets, 0xff]);
}

/** From the receiver of a transfer: it is given up. */
export function abortFrame(transfer: Ends, reason: number): CanFrame {
  return controlFrame(transfer, [ABORT, reason, 0xff, 0xff, 0xff]);
}

function controlFrame({ pgn, source, destination }: Ends, bytes: readonly number[]): CanFrame {
  return {
    // The other way round: the transfer's destination speaks to its source.
    id: composeIdentifier({ priority: PRIORITY, pgn: CONTROL_PGN, source: destination, destination: source }),
    extended: true,
    data: Uint8Array.of(...bytes, pgn & 0xff, (pgn >> 8) & 0xff, pgn >> 16),
  };
}
