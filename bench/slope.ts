/** Growth of a process, and the standard error of that figure. */
export interface Slope {
  readonly mibPerHour: number;
  readonly error: number;
}

const MS_PER_HOUR = 3_600_000;
/** Neighbouring samples tell the same swing of the collector; blocks of this many count as one. */
const BLOCK = 10;

/**
 * Straight line by least squares through the means of blocks of samples, since single samples are not independent of each other.
 * @param samples resident bytes over time, evenly spaced; with fewer than three blocks every sample counts for itself
 */
export function slopeOf(samples: readonly { readonly atMs: number; readonly bytes: number }[]): Slope {
  const size = samples.length >= 3 * BLOCK ? BLOCK : 1;
  const points = Array.from({ length: Math.floor(samples.length / size) }, (_, at) => {
    const block = samples.slice(at * size, (at + 1) * size);
    return {
      x: block.reduce((sum, { atMs }) => sum + atMs, 0) / block.length / MS_PER_HOUR,
      y: block.reduce((sum, { bytes }) => sum + bytes, 0) / block.length / 2 ** 20,
    };
  });
  const count = points.length;
  if (count < 3) return { mibPerHour: Number.NaN, error: Number.NaN };
  const meanX = points.reduce((sum, { x }) => sum + x, 0) / count;
  const meanY = points.reduce((sum, { y }) => sum + y, 0) / count;
  const spread = points.reduce((sum, { x }) => sum + (x - meanX) ** 2, 0);
  const slope = points.reduce((sum, { x, y }) => sum + (x - meanX) * (y - meanY), 0) / spread;
  const left = points.reduce((sum, { x, y }) => sum + (y - meanY - slope * (x - meanX)) ** 2, 0);
  return { mibPerHour: slope, error: Math.sqrt(left / (count - 2) / spread) };
}
