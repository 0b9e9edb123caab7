import { randomFillSync } from "node:crypto";

/** What a UUIDv7 generator needs of the outside: the wall clock and random bytes. */
export interface UuidSources {
  /** Milliseconds since 1970; may jump back, the ids still ascend. */
  now(): number;
  /** Fills the array with random bytes. Defaults to the operating system's. */
  readonly fill?: (bytes: Uint8Array) => void;
}

/**
 * Makes UUIDs of version 7 (RFC 9562): 48 bits of milliseconds, then a 12-bit counter for ids of the same millisecond, then
 * 62 random bits. One generator's ids ascend strictly as text, also when the clock stands still or jumps back.
 */
export function createUuidV7(sources: UuidSources): () => string {
  const fill = sources.fill ?? ((bytes: Uint8Array) => void randomFillSync(bytes));
  const random = new Uint8Array(10);
  let lastMs = -1;
  let counter = 0;
  return () => {
    fill(random);
    const nowMs = Math.max(0, Math.floor(sources.now()));
    if (nowMs > lastMs) {
      lastMs = nowMs;
      // Starts in the lower half, so that a busy millisecond has at least 2048 ids before time must be borrowed.
      counter = (((random[0] ?? 0) << 8) | (random[1] ?? 0)) & 0x7ff;
    } else if (counter < 0xfff) {
      counter += 1;
    } else {
      lastMs += 1;
      counter = 0;
    }
    const time = lastMs.toString(16).padStart(12, "0");
    const tail = Buffer.from(random.buffer, 2, 8);
    tail[0] = ((tail[0] ?? 0) & 0x3f) | 0x80;
    const hex = tail.toString("hex");
    return `${time.slice(0, 8)}-${time.slice(8)}-7${counter.toString(16).padStart(3, "0")}-${hex.slice(0, 4)}-${hex.slice(4)}`;
  };
}
