import { decodePacket, editionAt, type Gb32960Packet, HEADER_BYTES, MOST_DATA_BYTES } from "./packet.ts";

export type StreamEvent =
  | { readonly kind: "packet"; readonly packet: Gb32960Packet }
  /** Bytes that belong to no sound packet: noise, or a packet damaged on its way. */
  | { readonly kind: "skipped"; readonly bytes: number };

/** Encryption bytes of both editions: none, RSA, AES, SM2, SM4, abnormal, invalid. */
const ENCRYPTIONS: ReadonlySet<number> = new Set([1, 2, 3, 4, 5, 0xfe, 0xff]);

/**
 * Finds packets in a stream of bytes as it comes, in pieces of any size. After damage it goes on at the next start that
 * leads to a sound packet. It holds back no more than one packet's bytes.
 */
export class Gb32960Stream {
  #pending = new Uint8Array();

  /** Takes bytes in and gives what they complete, in order. */
  push(chunk: Uint8Array): readonly StreamEvent[] {
    const bytes = new Uint8Array(this.#pending.length + chunk.length);
    bytes.set(this.#pending);
    bytes.set(chunk, this.#pending.length);
    const events: StreamEvent[] = [];
    let skipped = 0;
    let at = 0;
    const tell = () => {
      if (skipped > 0) events.push({ kind: "skipped", bytes: skipped });
      skipped = 0;
    };
    while (at < bytes.length) {
      const length = packetLength(bytes, at);
      if (length === "more") break;
      const packet = length === "none" ? undefined : decodePacket(bytes.subarray(at, at + length));
      if (length !== "none" && packet?.ok) {
        tell();
        events.push({ kind: "packet", packet: packet.value });
        at += length;
      } else {
        at += 1;
        skipped += 1;
      }
    }
    tell();
    this.#pending = bytes.slice(at);
    return events;
  }

  /** Bytes that wait for the rest of their packet. */
  get pending(): number {
    return this.#pending.length;
  }
}

/** How long the packet at this place is; `more` if that cannot be told or had yet, `none` if there can be no packet. */
function packetLength(bytes: Uint8Array, at: number): number | "more" | "none" {
  const left = bytes.length - at;
  const first = bytes[at];
  if (left === 1) return first === 0x23 || first === 0x24 ? "more" : "none";
  if (editionAt(bytes, at) === undefined) return "none";
  const vin = bytes.subarray(at + 4, at + 21);
  if (vin.some((byte) => byte !== 0 && (byte < 0x20 || byte > 0x7e))) return "none";
  if (left < HEADER_BYTES) return "more";
  if (!ENCRYPTIONS.has(bytes[at + 21] ?? 0)) return "none";
  const length = (bytes[at + 22] ?? 0) * 256 + (bytes[at + 23] ?? 0);
  if (length > MOST_DATA_BYTES) return "none";
  const whole = HEADER_BYTES + length + 1;
  return left < whole ? "more" : whole;
}
