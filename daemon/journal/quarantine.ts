import type { QuarantineWork } from "./channel.ts";
import type { Connection } from "./database.ts";

/** One message may fill at most this part of the quarantine; what is longer is kept by its beginning. */
const SHARE_OF_ONE = 1 / 8;

/** Messages that could not be understood, for the person who finds out why. Bounded by bytes, the oldest go first. */
export class Quarantine {
  readonly #db: Connection;
  readonly #maxBytes: number;
  #count: number | undefined;

  constructor(db: Connection, maxBytes: number) {
    this.#db = db;
    this.#maxBytes = maxBytes;
  }

  /** Messages kept; read from the table again after each change. */
  get count(): number {
    this.#count ??= this.#size().n;
    return this.#count;
  }

  keep({ source, topic, code, payload, at }: QuarantineWork): void {
    this.#count = undefined;
    const kept = payload.subarray(0, Math.floor(this.#maxBytes * SHARE_OF_ONE));
    this.#db
      .prepare("INSERT INTO quarantine (source, topic, code, payload, at) VALUES (?, ?, ?, ?, ?)")
      .run(source, topic, code, Buffer.from(kept), at.wallMs);
    const dropOldest = this.#db.prepare("DELETE FROM quarantine WHERE ordinal = (SELECT min(ordinal) FROM quarantine)");
    while (this.#size().bytes > this.#maxBytes) dropOldest.run();
  }

  #size(): { readonly n: number; readonly bytes: number } {
    // `length` of a BLOB is read from the row's header, so this touches no payload; the bound keeps the rows few.
    return (
      this.#db
        .prepare<[], { n: number; bytes: number }>(
          "SELECT count(*) AS n, coalesce(sum(length(payload)), 0) AS bytes FROM quarantine",
        )
        .get() ?? { n: 0, bytes: 0 }
    );
  }
}
