import { MessageDecoder, type MessageReading } from "./decoder.ts";
import type { DbcFile, DbcMessage } from "./model.ts";

/** Of a J1939 identifier: the parameter group, without priority and source, and of PDU1 without destination. */
function parameterGroup(id: number): number {
  const format = (id >>> 16) & 0xff;
  return format < 240 ? (id >>> 8) & 0x3ff00 : (id >>> 8) & 0x3ffff;
}

function key(id: number, extended: boolean): number {
  return extended ? id + 0x20000000 : id;
}

/**
 * The messages of one or more DBC files, found by identifier. Of two descriptions of one identifier the later counts. A J1939
 * message is also found under other priorities and source addresses: the exact identifier first, then the same parameter
 * group from the same source, then the parameter group alone.
 */
export class DbcDatabase {
  readonly #exact = new Map<number, MessageDecoder>();
  readonly #bySource = new Map<number, MessageDecoder>();
  readonly #byGroup = new Map<number, MessageDecoder>();

  constructor(files: readonly DbcFile[]) {
    for (const { messages } of files) for (const message of messages) this.#add(message);
  }

  get messageCount(): number {
    return this.#exact.size;
  }

  /** The decoder of a frame's message; undefined if no file describes it. */
  find(id: number, extended: boolean): MessageDecoder | undefined {
    const exact = this.#exact.get(key(id, extended));
    if (exact !== undefined || !extended || this.#byGroup.size === 0) return exact;
    const group = parameterGroup(id);
    return this.#bySource.get(group * 256 + (id & 0xff)) ?? this.#byGroup.get(group);
  }

  /** Convenience for `find` and `decode`; undefined if no file describes the frame. */
  decode(id: number, extended: boolean, data: Uint8Array): MessageReading | undefined {
    return this.find(id, extended)?.decode(data);
  }

  #add(message: DbcMessage): void {
    const decoder = new MessageDecoder(message);
    this.#exact.set(key(message.id, message.extended), decoder);
    if (!message.j1939) return;
    const group = parameterGroup(message.id);
    this.#bySource.set(group * 256 + (message.id & 0xff), decoder);
    this.#byGroup.set(group, decoder);
  }
}
