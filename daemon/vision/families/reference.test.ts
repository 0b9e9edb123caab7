import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Detector, type Seen } from "../detector.ts";
import { letterboxFor } from "../letterbox.ts";
import { loadBundle } from "../registry/bundle.ts";
import type { ModelInput, ModelManifest } from "../registry/manifest.ts";
import { type TinyOutput, tinyCard, writeBundle, writeTinyOnnx } from "../registry/test-bundle.ts";

// Each family against a slow, obvious decoder that reads the tensors number by number, through a real file, the runtime and the detector.

const WIDTH = 96;
const HEIGHT = 64;
const LABELS = ["scratch", "dent", "glass"];
// Above a third: three classes that are equally unlikely are nothing.
const FLOOR = 0.34;

interface Box {
  readonly label: number;
  readonly score: number;
  readonly corners: readonly number[];
}

interface Case {
  readonly family: ModelManifest["family"];
  readonly labels: readonly string[];
  /** Overlap from which a weaker box is expected to be dropped; undefined: never. */
  readonly nms: number | undefined;
  readonly sizeInput?: string;
  readonly layout?: ModelInput["layout"];
  readonly outputs: (draw: Draw) => TinyOutput[];
  readonly expected: (read: Read) => Box[];
}

interface Read {
  /** The number at these indexes behind the batch's, which is 0. */
  (output: string, ...indexes: number[]): number;
  /** The same for tensors without a batch. */
  readonly whole: (output: string, ...indexes: number[]) => number;
}

interface Draw {
  /** Evenly from a range. */
  readonly between: (low: number, high: number) => number;
  /** One of a few numbers, so that ties are common. */
  readonly oneOf: (values: readonly number[]) => number;
  /** True once in a few times. */
  readonly rarely: () => boolean;
}

/** Numbers that look random and are the same on every run (Marsaglia's xorshift). */
function drawFrom(seed: number): Draw {
  let state = seed * 2654435761 + 1;
  const next = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
  return {
    between: (low, high) => low + (high - low) * next(),
    oneOf: (values) => values[Math.floor(next() * values.length)]!,
    rarely: () => next() < 0.12,
  };
}

/** A table in which each number is made from its place. */
function filled(
  name: string,
  shape: readonly number[],
  make: (indexes: readonly number[]) => number,
): TinyOutput & { readonly name: string } {
  const table = new Float32Array(shape.reduce((product, size) => product * size, 1));
  for (let at = 0; at < table.length; at++) {
    const indexes: number[] = [];
    let rest = at;
    for (const size of [...shape].reverse()) {
      indexes.unshift(rest % size);
      rest = Math.floor(rest / size);
    }
    table[at] = make(indexes);
  }
  return { name, shape, table };
}

function reader(outputs: readonly TinyOutput[]): Read {
  const whole = (name: string, ...indexes: number[]) => {
    const output = outputs.find((candidate) => candidate.name === name);
    if (output === undefined) throw new Error(`no output ${name}`);
    const at = indexes.reduce((sum, index, axis) => sum * output.shape[axis]! + index, 0);
    return output.table[at]!;
  };
  return Object.assign((name: string, ...indexes: number[]) => whole(name, 0, ...indexes), { whole });
}

const SCORES = [0.35, 0.5, 0.5, 0.8];
const score = (draw: Draw) => (draw.rarely() ? draw.oneOf(SCORES) : draw.between(0, FLOOR * 0.9));
const logit = (draw: Draw) => (draw.rarely() ? draw.oneOf([0, 0.5, 0.5, 2]) : draw.between(-9, -2));
/** Centre x, centre y, width, height. */
const place = (draw: Draw, part: number, width = WIDTH, height = HEIGHT) =>
  [draw.between(0, width), draw.between(0, height), draw.between(5, width / 2), draw.between(5, height / 2)][part]!;
const times = (count: number) => Array.from({ length: count }, (_, index) => index);
const sigmoid = (value: number) => 1 / (1 + Math.exp(-value));
const around = (cx: number, cy: number, w: number, h: number) => [cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2];

const CELLS = times(3).flatMap((power) => {
  const stride = 8 * 2 ** power;
  return times(HEIGHT / stride).flatMap((y) => times(WIDTH / stride).map((x) => ({ stride, x, y })));
});

const cases: readonly Case[] = [
  {
    family: "yolov5",
    labels: LABELS,
    nms: 0.45,
    outputs: (draw) => [
      filled("output0", [1, CELLS.length * 3, 8], ([, , part = 0]) => {
        if (part < 4) return place(draw, part);
        return part === 4 ? draw.oneOf([0, 0.1, 0.9, 1]) : score(draw);
      }),
    ],
    expected: (read) =>
      times(CELLS.length * 3).flatMap((row) =>
        LABELS.map((_, label) => ({
          label,
          score: read("output0", row, 4) * read("output0", row, 5 + label),
          corners: around(...four((part) => read("output0", row, part))),
        })),
      ),
  },
  {
    family: "yolov8",
    labels: LABELS,
    nms: 0.45,
    outputs: (draw) => [
      filled("output0", [1, 7, CELLS.length], ([, row = 0]) => (row < 4 ? place(draw, row) : score(draw))),
    ],
    expected: (read) =>
      CELLS.flatMap((_, box) =>
        LABELS.map((_, label) => ({
          label,
          score: read("output0", 4 + label, box),
          corners: around(...four((part) => read("output0", part, box))),
        })),
      ),
  },
  {
    family: "yolov8-seg",
    labels: LABELS,
    nms: 0.45,
    outputs: (draw) => [
      filled("output0", [1, 7 + 5, CELLS.length], ([, row = 0]) =>
        row < 4 ? place(draw, row) : row < 7 ? score(draw) : draw.between(-1, 1),
      ),
      // Planes: a sum of them has neither holes nor specks, which an outline would leave out.
      filled(
        "output1",
        [1, 5, HEIGHT / 4, WIDTH / 4],
        ([, k = 0, y = 0, x = 0]) => Math.cos(k) * (x - 12) + Math.sin(k) * (y - 8) + k,
      ),
    ],
    expected: (read) =>
      CELLS.flatMap((_, box) =>
        LABELS.map((_, label) => ({
          label,
          score: read("output0", 4 + label, box),
          corners: around(...four((part) => read("output0", part, box))),
        })),
      ),
  },
  {
    family: "yolox",
    labels: LABELS,
    nms: 0.45,
    outputs: (draw) => [
      filled("output", [1, CELLS.length, 8], ([, , part = 0]) =>
        part < 4 ? draw.between(-1, 1) : part === 4 ? draw.oneOf([0, 0.9, 1]) : score(draw),
      ),
    ],
    expected: (read) =>
      CELLS.flatMap(({ stride, x, y }, row) =>
        LABELS.map((_, label) => ({
          label,
          score: read("output", row, 4) * read("output", row, 5 + label),
          corners: around(
            (x + read("output", row, 0)) * stride,
            (y + read("output", row, 1)) * stride,
            Math.exp(read("output", row, 2)) * stride,
            Math.exp(read("output", row, 3)) * stride,
          ),
        })),
      ),
  },
  {
    family: "yolo-nms-free",
    labels: LABELS,
    nms: undefined,
    outputs: (draw) => [
      filled("output0", [1, 40, 6], ([, row = 0, part = 0]) => {
        // Filled up with zeros, and with a class that nobody named.
        if (row >= 30) return 0;
        if (part === 4) return draw.oneOf(SCORES);
        if (part === 5) return row === 7 ? 3 : row === 8 ? -1 : draw.oneOf([0, 1, 2]);
        return part < 2 ? draw.between(-5, 40) : draw.between(41, 100);
      }),
    ],
    expected: (read) =>
      times(40)
        .filter((row) => LABELS[read("output0", row, 5)] !== undefined)
        .map((row) => ({
          label: read("output0", row, 5),
          score: read("output0", row, 4),
          corners: times(4).map((part) => read("output0", row, part)),
        })),
  },
  {
    family: "rf-detr",
    labels: LABELS,
    nms: undefined,
    outputs: (draw) => [
      filled("dets", [1, 20, 4], ([, , part = 0]) => place(draw, part) / 100),
      filled("labels", [1, 20, 3], () => logit(draw)),
    ],
    expected: (read) =>
      times(20).flatMap((query) =>
        LABELS.map((_, label) => ({
          label,
          score: sigmoid(read("labels", query, label)),
          corners: relative(...four((part) => read("dets", query, part))),
        })),
      ),
  },
  {
    family: "rt-detr",
    labels: LABELS,
    nms: undefined,
    outputs: (draw) => [
      filled("output0", [1, 20, 7], ([, , part = 0]) => (part < 4 ? place(draw, part) / 100 : score(draw))),
    ],
    expected: (read) =>
      times(20).flatMap((query) =>
        LABELS.map((_, label) => ({
          label,
          score: read("output0", query, 4 + label),
          corners: relative(...four((part) => read("output0", query, part))),
        })),
      ),
  },
  {
    family: "rt-detr-sized",
    labels: LABELS,
    nms: undefined,
    sizeInput: "orig_target_sizes",
    outputs: (draw) => [
      { ...filled("labels", [1, 20], ([, query]) => (query === 3 ? 80 : draw.oneOf([0, 1, 2]))), type: "int64" },
      filled("boxes", [1, 20, 4], ([, , part = 0]) => (part < 2 ? draw.between(0, 0.4) : draw.between(0.5, 1))),
      filled("scores", [1, 20], () => draw.oneOf(SCORES)),
    ],
    expected: (read) =>
      times(20)
        .filter((query) => LABELS[read("labels", query)] !== undefined)
        .map((query) => ({
          label: read("labels", query),
          score: read("scores", query),
          // The graph multiplies by the size that it is told.
          corners: times(4).map((part) => read("boxes", query, part) * (part % 2 === 0 ? WIDTH : HEIGHT)),
        })),
  },
  {
    family: "mask-rcnn",
    labels: LABELS,
    nms: undefined,
    layout: "chw-float32",
    outputs: (draw) => [
      { ...filled("boxes", [6, 4], ([, part = 0]) => draw.between(part < 2 ? 0 : 45, part < 2 ? 40 : 62)), open: true },
      { ...filled("labels", [6], ([row]) => (row === 5 ? 0 : draw.oneOf([1, 2, 3]))), type: "int64", open: true },
      { ...filled("scores", [6], () => draw.oneOf(SCORES)), open: true },
      {
        ...filled("masks", [6, 1, HEIGHT, WIDTH], ([row = 0, , y = 0, x = 0]) =>
          sigmoid((x - 30.3) * Math.cos(row) + (y - 30.4) * Math.sin(row)),
        ),
        open: true,
      },
    ],
    expected: (read) =>
      times(5).map((row) => ({
        label: read.whole("labels", row) - 1,
        score: read.whole("scores", row),
        corners: times(4).map((part) => read.whole("boxes", row, part)),
      })),
  },
  {
    family: "classification",
    labels: LABELS,
    nms: undefined,
    outputs: () => [{ name: "output0", shape: [1, 3], table: Float32Array.of(0.4, 0.2, 0.4) }],
    expected: (read) =>
      LABELS.map((_, label) => ({ label, score: read("output0", label), corners: [0, 0, WIDTH, HEIGHT] })),
  },
  {
    family: "classification-logits",
    labels: LABELS,
    nms: undefined,
    outputs: (draw) => [filled("logits", [1, 3], ([, label]) => (label === 1 ? 86 : draw.oneOf([87, 87])))],
    expected: (read) =>
      LABELS.map((_, label) => {
        const power = (other: number) => Math.exp(read("logits", other));
        const score = power(label) / (power(0) + power(1) + power(2));
        return { label, score, corners: [0, 0, WIDTH, HEIGHT] };
      }),
  },
  {
    family: "ppocr-det",
    labels: ["text"],
    nms: undefined,
    outputs: (draw) => {
      const words = times(9).map((word) => ({
        left: 6 + 30 * (word % 3),
        top: 5 + 20 * Math.floor(word / 3),
        width: draw.oneOf([2, 8, 20]),
        height: draw.oneOf([3, 8]),
        ink: draw.oneOf([0.28, 0.5, 0.5, 0.5, 0.7]),
      }));
      return [
        filled("map", [1, 1, HEIGHT, WIDTH], ([, , y = 0, x = 0]) => {
          const word = words.find(
            ({ left, top, width, height }) => x >= left && x < left + width && y >= top && y < top + height,
          );
          return word === undefined ? 0.1 : word.ink + ((x - word.left) % 2) * 0.25;
        }),
      ];
    },
    expected: (read) => {
      // Each pixel takes the greatest number among its neighbours until nothing changes: pixels with the same number are one patch.
      const pixels = times(HEIGHT).flatMap((y) => times(WIDTH).map((x) => ({ x, y, patch: y * WIDTH + x })));
      const ink = pixels.filter(({ x, y }) => read("map", 0, y, x) > 0.3);
      for (let changed = true; changed; ) {
        changed = false;
        for (const pixel of ink)
          for (const { patch } of ink.filter(({ x, y }) => Math.abs(x - pixel.x) < 2 && Math.abs(y - pixel.y) < 2))
            if (patch > pixel.patch) [pixel.patch, changed] = [patch, true];
      }
      return [...new Set(ink.map(({ patch }) => patch))].flatMap((patch) => {
        const own = ink.filter((pixel) => pixel.patch === patch);
        const [xs, ys] = [own.map(({ x }) => x), own.map(({ y }) => y)];
        const [left, top, right, bottom] = [
          Math.min(...xs),
          Math.min(...ys),
          Math.max(...xs) + 1,
          Math.max(...ys) + 1,
        ] as const;
        if (right - left < 3 || bottom - top < 3) return [];
        const grown = ((right - left) * (bottom - top) * 1.5) / (2 * (right - left + bottom - top));
        const score = own.reduce((sum, { x, y }) => sum + read("map", 0, y, x), 0) / own.length;
        return [{ label: 0, score, corners: [left - grown, top - grown, right + grown, bottom + grown] }];
      });
    },
  },
  {
    family: "yunet",
    labels: ["face"],
    nms: 0.3,
    outputs: (draw) =>
      [
        { part: "cls", values: 1, make: () => draw.oneOf([-0.1, 0.2, 0.6, 1.2]) },
        { part: "obj", values: 1, make: () => draw.oneOf([0, 0.1, 0.7, 1.1]) },
        { part: "bbox", values: 4, make: () => draw.between(-1, 1) },
        { part: "kps", values: 10, make: () => draw.between(-1, 1) },
      ].flatMap(({ part, values, make }) =>
        [8, 16, 32].map((stride) =>
          filled(`${part}_${stride}`, [1, (WIDTH / stride) * (HEIGHT / stride), values], make),
        ),
      ),
    expected: (read) =>
      [8, 16, 32].flatMap((stride) =>
        CELLS.filter((cell) => cell.stride === stride).map(({ x, y }, cell) => {
          const cut = (value: number) => (value < 0 ? 0 : value > 1 ? 1 : value);
          return {
            label: 0,
            score: Math.sqrt(cut(read(`cls_${stride}`, cell, 0)) * cut(read(`obj_${stride}`, cell, 0))),
            corners: around(
              (x + read(`bbox_${stride}`, cell, 0)) * stride,
              (y + read(`bbox_${stride}`, cell, 1)) * stride,
              Math.exp(read(`bbox_${stride}`, cell, 2)) * stride,
              Math.exp(read(`bbox_${stride}`, cell, 3)) * stride,
            ),
          };
        }),
      ),
  },
  {
    family: "blazeface",
    labels: ["face"],
    nms: 0.3,
    outputs: (draw) => [
      filled("Identity:0", [1, 512, 1], () => logit(draw)),
      filled("Identity_1:0", [1, 384, 1], () => logit(draw)),
      filled("Identity_2:0", [1, 512, 16], ([, , part = 0]) => blazePart(draw, part)),
      filled("Identity_3:0", [1, 384, 16], ([, , part = 0]) => blazePart(draw, part)),
    ],
    expected: (read) => {
      const found: Box[] = [];
      for (const [grid, anchors, scores, boxes] of [
        [16, 2, "Identity:0", "Identity_2:0"],
        [8, 6, "Identity_1:0", "Identity_3:0"],
      ] as const)
        for (let y = 0, row = 0; y < grid; y++)
          for (let x = 0; x < grid; x++)
            for (let anchor = 0; anchor < anchors; anchor++, row++)
              found.push({
                label: 0,
                score: sigmoid(read(scores, row, 0)),
                corners: around(
                  ((x + 0.5) / grid) * WIDTH + read(boxes, row, 0),
                  ((y + 0.5) / grid) * HEIGHT + read(boxes, row, 1),
                  read(boxes, row, 2),
                  read(boxes, row, 3),
                ),
              });
      return found;
    },
  },
];

function blazePart(draw: Draw, part: number): number {
  return part < 2 ? draw.between(-20, 20) : draw.between(5, 40);
}

function four(read: (part: number) => number): [number, number, number, number] {
  return [read(0), read(1), read(2), read(3)];
}

function relative(cx: number, cy: number, w: number, h: number): number[] {
  return around(cx * WIDTH, cy * HEIGHT, w * WIDTH, h * HEIGHT);
}

/** Suppression as its definition reads: take the best, drop what overlaps it, again. Of equals the first in the network's order is the best. */
function suppressed(boxes: readonly Box[], threshold: number | undefined): Box[] {
  if (threshold === undefined) return [...boxes];
  const left = [...boxes];
  const kept: Box[] = [];
  while (left.length > 0) {
    let best = 0;
    for (const [index, box] of left.entries()) if (box.score > left[best]!.score) best = index;
    const [taken] = left.splice(best, 1);
    if (taken === undefined) break;
    kept.push(taken);
    for (let index = left.length - 1; index >= 0; index--)
      if (left[index]!.label === taken.label && overlap(left[index]!.corners, taken.corners) > threshold)
        left.splice(index, 1);
  }
  return kept;
}

function overlap(a: readonly number[], b: readonly number[]): number {
  const side = (axis: 0 | 1) => Math.max(0, Math.min(a[axis + 2]!, b[axis + 2]!) - Math.max(a[axis]!, b[axis]!));
  const area = (box: readonly number[]) => (box[2]! - box[0]!) * (box[3]! - box[1]!);
  const shared = side(0) * side(1);
  return shared / (area(a) + area(b) - shared);
}

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "baygate-families-"));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function lookWith(
  { family, labels, sizeInput, layout = "nhwc-float32" }: Case,
  outputs: readonly TinyOutput[],
): Promise<Seen[]> {
  const input = { name: "images", layout, width: WIDTH, height: HEIGHT };
  const onnx = writeTinyOnnx({ input, outputs, ...(sizeInput === undefined ? {} : { sizeInput }) });
  const card = {
    family,
    labels,
    thresholds: Object.fromEntries(labels.map((label) => [label, FLOOR])),
    input: { ...tinyCard(onnx).input, ...input, range: "-1-1" },
  };
  await writeBundle(folder, card, onnx);
  const bundle = await loadBundle(folder);
  const detector = await Detector.open(bundle, { providers: ["cpu"] });
  try {
    const header = { format: "png", width: WIDTH, height: HEIGHT, orientation: 1 } as const;
    const letterbox = letterboxFor(header, bundle.manifest.input);
    return await detector.look({ rgb: Buffer.alloc(WIDTH * HEIGHT * 3), letterbox });
  } finally {
    await detector.close();
  }
}

function inOrder(boxes: readonly Box[]): string[] {
  const written = boxes.map(
    ({ label, score, corners }) =>
      `${LABELS[label]} ${score.toFixed(3)} ${corners.map((value) => value.toFixed(1)).join(" ")}`,
  );
  return written.sort();
}

describe.each(cases)("$family", (one) => {
  const { family, labels, nms, outputs, expected } = one;

  test.each([1, 2, 3])("says what a slow reference says, ties included (%i)", async (seed) => {
    const given = outputs(drawFrom(seed));
    const floor = Math.fround(FLOOR);
    const wanted = suppressed(
      expected(reader(given)).filter((box) => box.score >= floor),
      nms,
    );
    const best = [...wanted].sort((a, b) => b.score - a.score).slice(0, 100);
    const found = await lookWith(one, given);
    expect(best.length).toBeGreaterThan(1);
    expect(new Set(best.map((box) => box.score)).size, "ties").toBeLessThan(best.length);
    expect(inOrder(found.map((seen) => ({ ...seen, label: seen.labelIndex })))).toEqual(inOrder(best));
  });

  test("finds nothing where there is nothing, and nothing where numbers are none", async () => {
    for (const nothing of [-20, Number.NaN]) {
      const empty = outputs(drawFrom(1)).map((output) => ({ ...output, table: output.table.map(() => nothing) }));
      expect(await lookWith(one, empty)).toEqual([]);
    }
  });

  test("refuses a card that names a class more", async () => {
    const more = { ...one, labels: [...labels, "tyre"] };
    const looking = lookWith(more, outputs(drawFrom(1)));
    // Where the shape does not tell the classes, only the file's own list could.
    if (CLASSES_BY_NUMBER.includes(family)) await expect(looking).resolves.not.toEqual([]);
    else if (family === "yolov8-seg") await expect(looking).rejects.toMatchObject({ code: "MODEL_SHAPE_MISMATCH" });
    else await expect(looking).rejects.toMatchObject({ code: "MODEL_LABELS_MISMATCH" });
  });
});

/** Families that name the class of each box by its number. */
const CLASSES_BY_NUMBER: readonly string[] = ["yolo-nms-free", "rt-detr-sized", "mask-rcnn"];

describe("Mask R-CNN", () => {
  test("may put out nothing at all", async () => {
    const one = caseOf("mask-rcnn");
    const nothing = one.outputs(drawFrom(1)).map((output) => ({
      ...output,
      shape: [0, ...output.shape.slice(1)],
      table: new Float32Array(),
    }));
    expect(await lookWith(one, nothing)).toEqual([]);
  });
});

describe("masks", () => {
  /** The mask's logit at a point in network pixels, from the tensors, for the box with these corners. */
  const logits: Record<string, (read: Read, corners: readonly number[]) => (x: number, y: number) => number> = {
    "yolov8-seg": (read, corners) => {
      const box = CELLS.findIndex((_, at) => same(around(...four((part) => read("output0", part, at))), corners));
      return (x, y) => {
        const cell = (axis: number, length: number) => Math.min(Math.max(axis / 4 - 0.5, 0), length / 4 - 1);
        const [cx, cy] = [cell(x, WIDTH), cell(y, HEIGHT)];
        let logit = 0;
        for (const k of times(5))
          for (const [row, down] of [
            [Math.floor(cy), 1 - (cy % 1)],
            [Math.ceil(cy), cy % 1],
          ] as const)
            for (const [column, right] of [
              [Math.floor(cx), 1 - (cx % 1)],
              [Math.ceil(cx), cx % 1],
            ] as const)
              logit += read("output0", 7 + k, box) * read("output1", k, row, column) * down * right;
        return logit;
      };
    },
    "mask-rcnn": (read, corners) => {
      const row = times(6).findIndex((at) =>
        same(
          four((part) => read.whole("boxes", at, part)),
          corners,
        ),
      );
      return (x, y) => read.whole("masks", row, 0, Math.floor(y), Math.floor(x)) - 0.5;
    },
  };

  test.each(Object.entries(logits))(
    "of %s cover the pixels that a look at each pixel covers",
    async (family, logitOf) => {
      const one = caseOf(family);
      const given = one.outputs(drawFrom(4));
      const found = await lookWith(one, given);
      let inside = 0;
      let differ = 0;
      for (const { outline, corners } of found) {
        const polygons = outline?.() ?? [];
        const logit = logitOf(reader(given), corners);
        const [x1, y1, x2, y2] = corners;
        for (let y = 0.5; y < HEIGHT; y++)
          for (let x = 0.5; x < WIDTH; x++) {
            const wanted = x > x1 && x < x2 && y > y1 && y < y2 && logit(x, y) > 0;
            const covered = polygons.some((polygon) => contains(polygon, x / WIDTH, y / HEIGHT));
            if (wanted) inside++;
            if (wanted !== covered) differ++;
          }
      }
      expect(found.length).toBeGreaterThan(3);
      expect(inside).toBeGreaterThan(1000);
      // An outline has straight pieces up to two pixels long.
      expect(differ / inside).toBeLessThan(0.01);
    },
  );
});

function caseOf(family: string): Case {
  const found = cases.find((one) => one.family === family);
  if (found === undefined) throw new Error(`no case for ${family}`);
  return found;
}

function same(a: readonly number[], b: readonly number[]): boolean {
  return a.every((value, index) => Math.abs(value - b[index]!) < 0.01);
}

/** Even-odd rule. */
function contains(polygon: readonly number[], x: number, y: number): boolean {
  let odd = false;
  for (let at = 0; at < polygon.length; at += 2) {
    const after = (at + 2) % polygon.length;
    const [ax, ay, bx, by] = [polygon[at]!, polygon[at + 1]!, polygon[after]!, polygon[after + 1]!];
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) odd = !odd;
  }
  return odd;
}
