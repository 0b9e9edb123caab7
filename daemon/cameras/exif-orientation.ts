/** EXIF orientation, 1 to 8; 1 is upright as stored. */
export type Orientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

/**
 * Tag 0x0112 of IFD0 (EXIF 2.32, TIFF 6.0). Anything odd in there means: no orientation.
 * @param tiff EXIF's own content, from the byte order on
 */
export function exifOrientation(tiff: Buffer): Orientation | undefined {
  if (tiff.length < 8) return undefined;
  const order = tiff.toString("latin1", 0, 2);
  if (order !== "II" && order !== "MM") return undefined;
  const little = order === "II";
  const u16 = (at: number) => (at + 2 > tiff.length ? 0 : little ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at));
  const directory = little ? tiff.readUInt32LE(4) : tiff.readUInt32BE(4);
  const entries = u16(directory);
  for (let index = 0; index < entries; index++) {
    const entry = directory + 2 + index * 12;
    if (entry + 12 > tiff.length) return undefined;
    if (u16(entry) === 0x0112) return asOrientation(u16(entry + 8));
  }
  return undefined;
}

const PREFIX = "Exif\0\0";

/** What stands behind the prefix that JPEG asks for and WebP's writers often keep; undefined without it. */
export function behindExifPrefix(bytes: Buffer): Buffer | undefined {
  return bytes.toString("latin1", 0, PREFIX.length) === PREFIX ? bytes.subarray(PREFIX.length) : undefined;
}

function asOrientation(value: number): Orientation | undefined {
  const all: readonly Orientation[] = [1, 2, 3, 4, 5, 6, 7, 8];
  return all.find((orientation) => orientation === value);
}
