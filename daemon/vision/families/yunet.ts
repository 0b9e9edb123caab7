import { addCandidate, type DecodeFamily, STRIDES } from "./candidates.ts";

/**
 * YuNet faces (Wu et al. 2023, doi 10.1007/s11633-023-1423-y), as OpenCV's model zoo ships it.
 *
 * For each stride s = 8, 16, 32, N = (W/s)·(H/s) cells row by row, float32: `cls_s` and `obj_s` `[1, N, 1]`, probabilities; `bbox_s` `[1, N, 4]`:
 * centre = (cell + t) · s, size = exp(t) · s; `kps_s` `[1, N, 10]`, five landmarks, which nothing here needs. Score = √(cls · obj), each cut to
 * 0 … 1. One class.
 */
export const yunet: DecodeFamily = {
  nmsIou: 0.3,
  outputs: ({ width, height }, classes) =>
    [
      { part: "cls", values: classes, classDimension: { index: 2, others: 0 } },
      { part: "obj", values: 1 },
      { part: "bbox", values: 4 },
      { part: "kps", values: 10 },
    ].flatMap(({ part, values, ...rest }) =>
      STRIDES.map((stride) => ({
        name: `${part}_${stride}`,
        shape: [1, Math.floor(width / stride) * Math.floor(height / stride), values],
        ...rest,
      })),
    ),
  decode(outputs, { width }, floors, into) {
    for (const [at, stride] of STRIDES.entries()) {
      const [cls, obj, bbox] = [outputs[at], outputs[STRIDES.length + at], outputs[STRIDES.length * 2 + at]];
      if (cls === undefined || obj === undefined || bbox === undefined) continue;
      const columns = Math.floor(width / stride);
      for (let cell = 0; cell < cls.length; cell++) {
        const score = Math.sqrt(probability(cls[cell]!) * probability(obj[cell]!));
        if (!(score >= floors[0]!)) continue;
        addCandidate(
          into,
          0,
          score,
          ((cell % columns) + bbox[cell * 4]!) * stride,
          (Math.floor(cell / columns) + bbox[cell * 4 + 1]!) * stride,
          Math.exp(bbox[cell * 4 + 2]!) * stride,
          Math.exp(bbox[cell * 4 + 3]!) * stride,
        );
      }
    }
  },
};

function probability(value: number): number {
  return Math.min(Math.max(value, 0), 1);
}
