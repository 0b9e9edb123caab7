import { createHash } from "node:crypto";
import type { Logger } from "../../machine/log.ts";
import type { QuarantinedMessage } from "../broker/broker.ts";
import type { Journal } from "../journal/journal.ts";
import { type Desk, GATEWAY } from "./desk.ts";

/** Keeps what could not be understood, and writes down that it was there. Rejects only when the disk does. */
export class Quarantine {
  readonly #journal: Pick<Journal, "quarantine">;
  readonly #desk: Desk;
  readonly #log: Logger;
  /** One line per source and reason, not one per message. */
  readonly #told = new Set<string>();

  constructor(parts: { readonly journal: Pick<Journal, "quarantine">; readonly desk: Desk; readonly log: Logger }) {
    this.#journal = parts.journal;
    this.#desk = parts.desk;
    this.#log = parts.log;
  }

  async keep({ source, topic, code, reason, payload, at }: QuarantinedMessage): Promise<void> {
    const key = `${source} ${code}`;
    if (!this.#told.has(key)) this.#log.warn({ source, topic, code, reason }, "a message was put into quarantine");
    this.#told.add(key);
    await this.#journal.quarantine({ source, topic, code, payload, at });
    const payloadHash = createHash("sha256").update(payload).digest("hex");
    const body = { source, topic: topic.slice(0, 200), code, bytes: payload.byteLength, payloadHash, at };
    await this.#desk.execute({ kind: "note", record: { type: "message.quarantined", body } }, GATEWAY);
  }
}
