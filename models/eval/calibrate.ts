import type { ComparedPicture } from "../../daemon/vision/accuracy/average-precision.ts";
import { judge } from "../../daemon/vision/accuracy/scoring.ts";
import type { CalibrationTable } from "../../daemon/vision/registry/calibration.ts";
import { calibrated } from "../../daemon/vision/registry/calibration.ts";
import { calibrationError } from "./picture-level.ts";

interface Sample {
  readonly score: number;
  readonly right: boolean;
}

interface Block {
  score: number;
  right: number;
  count: number;
}

/** A block of fewer boxes says more about chance than about the model. */
const SMALLEST_BLOCK = 25;
/** What is never quite sure or quite impossible: one right and one wrong box more than were seen, in each block. */
const PRIOR = 1;

export interface Calibration {
  readonly tables: Readonly<Record<string, CalibrationTable>>;
  /** Threshold per label at which precision and recall balance best (F1), of those in steps of 0.01. */
  readonly thresholds: Readonly<Record<string, number>>;
  /** Tables fitted on every second picture and tried on the others, both ways round: what the card may say. */
  readonly crossFittedError: number | undefined;
}

/**
 * Fits score → probability per label: isotonic regression (pool adjacent violators) over blocks of at least 25 boxes, so that a probability never falls
 * while the score rises.
 * @param pictures unseen ones, with what was found on them from a low score on
 * @param fromScore boxes below it are left out of the error, as the evaluation does
 */
export function calibrate(
  pictures: readonly ComparedPicture[],
  labels: readonly string[],
  fromScore: number,
): Calibration {
  const halves = [0, 1].map((half) => pictures.filter((_, at) => at % 2 === half));
  const tried = halves.flatMap((half, at) => withProbabilities(half, fitAll(halves[1 - at] ?? [], labels)));
  return {
    tables: fitAll(pictures, labels),
    thresholds: Object.fromEntries(labels.map((label) => [label, bestThreshold(pictures, label)])),
    crossFittedError: calibrationError(tried, labels, fromScore),
  };
}

/** @returns points with rising score and never falling probability, two at least */
export function isotonicTable(samples: readonly Sample[]): CalibrationTable {
  const pools: Block[] = [];
  for (const block of blocksOf(samples)) {
    pools.push({ ...block });
    for (let last = pools.length - 1; last > 0 && share(pools[last]!) <= share(pools[last - 1]!); last--) {
      const above = pools.pop()!;
      const below = pools[last - 1]!;
      const count = below.count + above.count;
      below.score = (below.score * below.count + above.score * above.count) / count;
      below.right += above.right;
      below.count = count;
    }
  }
  const table = pools.map((pool): [number, number] => [rounded(pool.score), rounded(share(pool))]);
  const [first] = table;
  if (first === undefined)
    return [
      [0, 0],
      [1, 0],
    ];
  return first[0] > 0 ? [[0, 0], ...table] : table;
}

/** Blocks of neighbours by score; what is left over at the low end joins the lowest. */
function blocksOf(samples: readonly Sample[]): Block[] {
  const sorted = [...samples].sort((a, b) => a.score - b.score);
  const count = Math.max(1, Math.floor(sorted.length / SMALLEST_BLOCK));
  return Array.from({ length: count }, (_, at) => {
    const members = sorted.slice(
      Math.round((at * sorted.length) / count),
      Math.round(((at + 1) * sorted.length) / count),
    );
    const score = members.reduce((sum, member) => sum + member.score, 0) / Math.max(1, members.length);
    return { score, right: members.filter(({ right }) => right).length, count: members.length };
  }).filter((block) => block.count > 0);
}

const share = ({ right, count }: Block): number => (right + PRIOR) / (count + 2 * PRIOR);
const rounded = (value: number): number => Math.round(value * 1000) / 1000;

function fitAll(pictures: readonly ComparedPicture[], labels: readonly string[]): Record<string, CalibrationTable> {
  return Object.fromEntries(labels.map((label) => [label, isotonicTable(samplesOf(pictures, label))]));
}

function samplesOf(pictures: readonly ComparedPicture[], label: string): Sample[] {
  return pictures.flatMap((picture) => judge(picture, label, 0.5).map(({ score, hit }) => ({ score, right: hit })));
}

function withProbabilities(
  pictures: readonly ComparedPicture[],
  tables: Readonly<Record<string, CalibrationTable>>,
): ComparedPicture[] {
  return pictures.map((picture) => ({
    ...picture,
    found: picture.found.map((thing) => {
      const table = tables[thing.label];
      return table === undefined ? thing : { ...thing, probability: calibrated(table, thing.score) };
    }),
  }));
}

function bestThreshold(pictures: readonly ComparedPicture[], label: string): number {
  const samples = samplesOf(pictures, label);
  const wanted = pictures.reduce((sum, { truth }) => sum + truth.filter((one) => one.label === label).length, 0);
  let best = { f1: -1, threshold: 0.5 };
  for (let hundredths = 5; hundredths <= 90; hundredths++) {
    const threshold = hundredths / 100;
    const daily = samples.filter(({ score }) => score >= threshold);
    const hits = daily.filter(({ right }) => right).length;
    const f1 = (2 * hits) / Math.max(1, daily.length + wanted);
    if (f1 > best.f1) best = { f1, threshold };
  }
  return best.threshold;
}
