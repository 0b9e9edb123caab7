/** How well a camera's pictures arrive, in words for people. */
export type CameraQuality = "waiting" | "good" | "fair" | "poor" | "silent";

/** What is known of a camera over the last minute or so of shop time. */
export interface CameraRecord {
  readonly everSeen: boolean;
  readonly silent: boolean;
  readonly accepted: number;
  readonly refused: number;
  readonly longestGapMs: number;
  readonly silentAfterMs: number;
}

/**
 * Good: pictures come whole and without long gaps. Fair: more than one in a hundred is broken, or a gap passed a third of the silence deadline.
 * Poor: more than one in ten is broken, or a gap came near the deadline: the next one will be a lost camera.
 */
export function qualityOf(record: CameraRecord): CameraQuality {
  if (record.silent) return "silent";
  const total = record.accepted + record.refused;
  if (!record.everSeen) return record.refused > 0 ? "poor" : "waiting";
  const broken = total === 0 ? 0 : record.refused / total;
  const gap = record.longestGapMs / record.silentAfterMs;
  if (broken > 0.1 || gap > 0.8) return "poor";
  if (broken > 0.01 || gap > 1 / 3) return "fair";
  return "good";
}
