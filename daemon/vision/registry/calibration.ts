/** Points `[score, probability]` with rising score. */
export type CalibrationTable = readonly (readonly [score: number, probability: number])[];

/** The probability behind a model's score: straight lines between the table's points, flat beyond its ends. */
export function calibrated(table: CalibrationTable, score: number): number {
  const above = table.findIndex(([at]) => at >= score);
  const last = table[table.length - 1];
  if (last === undefined) throw new RangeError("a calibration table has points");
  if (above === -1) return last[1];
  const high = table[above];
  const low = table[above - 1];
  if (high === undefined) return last[1];
  if (low === undefined) return high[1];
  return low[1] + ((high[1] - low[1]) * (score - low[0])) / (high[0] - low[0]);
}
