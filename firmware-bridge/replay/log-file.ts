import { constants } from "node:fs";
import { open } from "node:fs/promises";

/** Small enough that its frames are no burden at once, large enough that the disk is not asked for every line. */
const PIECE_BYTES = 64 * 1024;

/** A log, read piece by piece. */
export interface LogSource {
  /** The next piece; empty at the end. */
  read(): Promise<Uint8Array>;
  close(): Promise<void>;
}

/**
 * Opens a plain file. A pipe or a device in its place could keep a reader waiting for ever, or be changed by reading.
 * @throws Error when it cannot be opened or is no plain file
 */
export async function openLogFile(path: string): Promise<LogSource> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    if (!(await file.stat()).isFile()) throw new Error(`${path} is no plain file`);
  } catch (error) {
    await file.close();
    throw error;
  }
  return {
    read: async () => {
      const piece = new Uint8Array(PIECE_BYTES);
      const { bytesRead } = await file.read(piece, 0, PIECE_BYTES);
      return piece.subarray(0, bytesRead);
    },
    close: () => file.close(),
  };
}
