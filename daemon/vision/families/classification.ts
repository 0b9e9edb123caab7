import { addCandidate, type Candidates, type DecodeFamily, type NetworkSize } from "./candidates.ts";

/**
 * What a picture shows as a whole, from networks that end in logits (torchvision, timm).
 *
 * Output `[1, C]` of float32, logits; the scores are their softmax. Every class that reaches its floor is one box: the whole picture.
 */
export const classificationLogits: DecodeFamily = {
  nmsIou: 1,
  coarsestStride: 1,
  outputs: (_size, classes) => [{ shape: [1, classes], classDimension: { index: 1, others: 0 } }],
  decode([logits], size, floors, into) {
    if (logits === undefined) return;
    // Less the greatest one, so that no power overflows.
    const greatest = logits.reduce((most, logit) => Math.max(most, logit), Number.NEGATIVE_INFINITY);
    const powers = Float64Array.from(logits, (logit) => Math.exp(logit - greatest));
    const sum = powers.reduce((total, power) => total + power, 0);
    for (const [label, power] of powers.entries()) addWhole(into, label, power / sum, size, floors);
  },
};

/** The same from networks with the softmax in the graph (Ultralytics): output `[1, C]` of float32, probabilities. */
export const classification: DecodeFamily = {
  ...classificationLogits,
  decode([scores], size, floors, into) {
    for (const [label, score] of scores?.entries() ?? []) addWhole(into, label, score, size, floors);
  },
};

function addWhole(
  into: Candidates,
  label: number,
  score: number,
  { width, height }: NetworkSize,
  floors: Float32Array,
): void {
  if (score >= floors[label]!) addCandidate(into, label, score, width / 2, height / 2, width, height);
}
