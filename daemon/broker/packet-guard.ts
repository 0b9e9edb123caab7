/** Why a connection was killed by the guard. */
export type Violation =
  | "not-mqtt"
  | "malformed-length"
  | "connect-too-large"
  | "packet-too-large"
  | "unexpected-packet"
  | "topic-invalid"
  | "topic-too-deep"
  | "qos-2";

export interface Fed {
  /** Bytes that may go on to the broker; undefined for none. */
  readonly pass: Buffer | undefined;
  /** What stood behind CONNECT in the same chunk; fed again after `admit`. */
  readonly held?: Buffer;
  readonly violation?: Violation;
}

/** Client id, user name, password and a will: a few hundred bytes in practice. */
const MAX_CONNECT_BYTES = 8 * 1024;
/** SUBSCRIBE and UNSUBSCRIBE. */
const MAX_CONTROL_BYTES = 8 * 1024;
const MAX_TOPIC_BYTES = 256;
/** Our deepest topic has five levels; a dialect may need a few more. */
export const MAX_TOPIC_LEVELS = 12;

const CONNECT = 1;
const PUBLISH = 3;
/** MQTT 3.1.1 table 2.1, client to server: PUBACK, PUBREC, PUBREL, PUBCOMP have two bytes, PINGREQ and DISCONNECT none. */
const EXACT_LENGTH: Readonly<Record<number, number>> = { 4: 2, 5: 2, 6: 2, 7: 2, 12: 0, 14: 0 };
const SUBSCRIBE = 8;
const UNSUBSCRIBE = 10;

type Step = "type" | "length" | "topic-length" | "topic" | "body";

/**
 * Reads the packets' headers on the raw bytes before the broker sees them, since the broker keeps whatever length a stranger announces.
 * It keeps no payload: a header's few bytes and a topic at most. Before `admit` one CONNECT passes and nothing else.
 */
export class PacketGuard {
  #step: Step = "type";
  #type = 0;
  #flags = 0;
  #length = 0;
  #lengthBytes = 0;
  /** Bytes of the packet that are still to come after its fixed header. */
  #rest = 0;
  readonly #topic = Buffer.alloc(MAX_TOPIC_BYTES);
  #topicLength = 0;
  #topicFilled = 0;
  #connected = false;
  #limitOf: ((topic: string) => number) | undefined;

  /** @param limitOf largest payload in bytes on a topic, for the principal that has logged in */
  admit(limitOf: (topic: string) => number): void {
    this.#limitOf = limitOf;
  }

  /** CONNECT has passed and nothing more may until `admit`. */
  get awaitsAdmission(): boolean {
    return this.#connected && this.#limitOf === undefined;
  }

  feed(chunk: Buffer): Fed {
    let index = 0;
    while (index < chunk.length) {
      if (this.awaitsAdmission) return { pass: chunk.subarray(0, index), held: chunk.subarray(index) };
      if (this.#step === "body") {
        const skipped = Math.min(this.#rest, chunk.length - index);
        this.#rest -= skipped;
        index += skipped;
      } else {
        const violation = this.#header(chunk[index++] ?? 0);
        if (violation !== undefined) return { pass: undefined, violation };
      }
      if (this.#step === "body" && this.#rest === 0) this.#packetDone();
    }
    return { pass: chunk };
  }

  #packetDone(): void {
    this.#step = "type";
    this.#connected ||= this.#type === CONNECT;
  }

  #header(byte: number): Violation | undefined {
    switch (this.#step) {
      case "type":
        this.#type = byte >> 4;
        this.#flags = byte & 0x0f;
        this.#length = 0;
        this.#lengthBytes = 0;
        this.#step = "length";
        return this.#checkType();
      case "length":
        this.#length += (byte & 0x7f) * 128 ** this.#lengthBytes;
        this.#lengthBytes++;
        if ((byte & 0x80) === 0) return this.#lengthKnown();
        return this.#lengthBytes === 4 ? "malformed-length" : undefined;
      case "topic-length":
        this.#topicLength = this.#topicLength * 256 + byte;
        this.#topicFilled++;
        this.#rest--;
        return this.#topicFilled === 2 ? this.#topicLengthKnown() : undefined;
      case "topic":
        this.#topic[this.#topicFilled++] = byte;
        this.#rest--;
        return this.#topicFilled === this.#topicLength ? this.#topicKnown() : undefined;
      case "body":
        return undefined;
    }
  }

  #checkType(): Violation | undefined {
    if (!this.#connected) return this.#type === CONNECT && this.#flags === 0 ? undefined : "not-mqtt";
    if (this.#type === PUBLISH) return (this.#flags & 0x06) >= 4 ? "qos-2" : undefined;
    const known = this.#type in EXACT_LENGTH || this.#type === SUBSCRIBE || this.#type === UNSUBSCRIBE;
    return known ? undefined : "unexpected-packet";
  }

  #lengthKnown(): Violation | undefined {
    this.#rest = this.#length;
    if (this.#type === PUBLISH) {
      if (this.#length < 3) return "topic-invalid";
      this.#topicLength = 0;
      this.#topicFilled = 0;
      this.#step = "topic-length";
      return undefined;
    }
    this.#step = "body";
    if (this.#type === CONNECT) return this.#length > MAX_CONNECT_BYTES ? "connect-too-large" : undefined;
    const exact = EXACT_LENGTH[this.#type];
    if (exact !== undefined) return this.#length === exact ? undefined : "unexpected-packet";
    return this.#length > MAX_CONTROL_BYTES ? "packet-too-large" : undefined;
  }

  #topicLengthKnown(): Violation | undefined {
    if (this.#topicLength === 0 || this.#topicLength > MAX_TOPIC_BYTES || this.#topicLength > this.#rest)
      return "topic-invalid";
    this.#topicFilled = 0;
    this.#step = "topic";
    return undefined;
  }

  #topicKnown(): Violation | undefined {
    const topic = this.#topic.toString("utf8", 0, this.#topicLength);
    this.#step = "body";
    if (topic.split("/").length > MAX_TOPIC_LEVELS) return "topic-too-deep";
    const packetId = (this.#flags & 0x06) === 0 ? 0 : 2;
    return this.#rest - packetId > (this.#limitOf?.(topic) ?? 0) ? "packet-too-large" : undefined;
  }
}
