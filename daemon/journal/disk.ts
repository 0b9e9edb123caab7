import { closeSync, fsyncSync, openSync, rmSync, statfsSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";

const BALLAST_FILE = "ballast";
const CHUNK_BYTES = 1024 * 1024;

/**
 * A file of real bytes that is given back to the disk when it is full, so that SQLite has room to delete and checkpoint, and labour can still be
 * written.
 */
export class Ballast {
  readonly #path: string;
  readonly #bytes: number;

  constructor(directory: string, bytes: number) {
    this.#path = join(directory, BALLAST_FILE);
    this.#bytes = bytes;
  }

  get bytes(): number {
    return statSync(this.#path, { throwIfNoEntry: false })?.size ?? 0;
  }

  /** Fills the ballast where the disk has room to spare; a disk that is short of room is left alone. */
  restore(): void {
    if (this.bytes >= this.#bytes) return;
    const disk = statfsSync(join(this.#path, ".."));
    const SPARE = 4;
    if (disk.bavail * disk.bsize < this.#bytes * SPARE) return;
    const file = openSync(this.#path, "w", 0o600);
    try {
      // Random-looking bytes are not needed, but real ones are: a hole in the file would hold no room on the disk.
      const chunk = Buffer.alloc(CHUNK_BYTES, 0x42);
      for (let written = 0; written < this.#bytes; written += CHUNK_BYTES)
        writeSync(file, chunk, 0, Math.min(CHUNK_BYTES, this.#bytes - written));
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  }

  /** @returns whether there was anything to give back */
  release(): boolean {
    if (this.bytes === 0) return false;
    rmSync(this.#path, { force: true });
    return true;
  }
}

/** Flushes a file, or the entries of a directory. */
export function syncPath(path: string): void {
  const file = openSync(path, "r");
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
