import type { ElmBus } from "./reply-line.ts";

/** Whether the last byte is the checksum of those before it: a sum on K-line (ISO 9141-2, ISO 14230-2), a CRC on J1850. */
export function checksumFits(bytes: Uint8Array, bus: ElmBus): boolean {
  const body = bytes.subarray(0, -1);
  return bytes.at(-1) === (bus === "k-line" ? sum(body) : j1850Crc(body));
}

function sum(bytes: Uint8Array): number {
  let total = 0;
  for (const byte of bytes) total += byte;
  return total & 0xff;
}

/** SAE J1850: polynomial 1D, starts with FF, inverted at the end. */
function j1850Crc(bytes: Uint8Array): number {
  let crc = 0xff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x80 ? ((crc << 1) ^ 0x1d) & 0xff : (crc << 1) & 0xff;
  }
  return crc ^ 0xff;
}
