import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { tinyCard, writeBundle } from "../registry/test-bundle.ts";
import { attribute, node, onnxFile } from "../registry/test-onnx.ts";

// Tiny networks that find and read coloured stripes: what is not black is text, and each colour is a character.

/** Text is as likely as the brightest channel says. */
export function tinyTextFinder(width: number, height: number): Buffer {
  return onnxFile({
    nodes: [node("ReduceMax", ["image"], "map", attribute("axes", [1]), attribute("keepdims", 1))],
    constants: {},
    inputs: [{ name: "image", shape: [1, 3, height, width] }],
    outputs: [{ name: "map", shape: [1, 1, height, width] }],
  });
}

/** Class by class, what a colour's three numbers are multiplied with, and what is added: blank, then red, green, blue, yellow. */
const CLASSES = [
  { weights: [0.6, 0.6, 0.6], bias: 2 },
  { weights: [6, 0, 0], bias: 0 },
  { weights: [0, 6, 0], bias: 0 },
  { weights: [0, 0, 6], bias: 0 },
  { weights: [5, 5, -4], bias: -5 },
] as const;
const STRIPE_PX = 8;
export const READER_HEIGHT = 48;
export const READER_WIDTH = 320;
/** The finder's input: a multiple of 32, as its family asks for. */
const FINDER_PX = 320;

/**
 * Reads columns of eight pixels by their colour. Of each column of pixels the brightest of each channel counts, so that a black margin does no harm.
 * Input from -1 to 1: grey is 0, and so is padding.
 */
export function tinyTextReader(
  width: number,
  {
    metadata = {},
    classes = CLASSES.length,
  }: { readonly metadata?: Readonly<Record<string, string>>; readonly classes?: number } = {},
): Buffer {
  const columns = width / STRIPE_PX;
  const each = Array.from({ length: classes }, (_, index) => CLASSES[index] ?? { weights: [0, 0, 0], bias: -20 });
  const pool = (kind: string, from: string, to: string, size: readonly number[]) =>
    node(kind, [from], to, attribute("kernel_shape", size), attribute("strides", size));
  return onnxFile({
    nodes: [
      pool("MaxPool", "image", "brightest", [READER_HEIGHT, 1]),
      pool("AveragePool", "brightest", "pooled", [1, STRIPE_PX]),
      node("ReduceMean", ["pooled"], "stripes", attribute("axes", [2]), attribute("keepdims", 0)),
      node("Transpose", ["stripes"], "columns", attribute("perm", [0, 2, 1])),
      node("MatMul", ["columns", "weights"], "weighed"),
      node("Add", ["weighed", "bias"], "logits"),
      node("Softmax", ["logits"], "classes", attribute("axis", 2)),
    ],
    constants: {
      weights: {
        shape: [3, classes],
        values: [0, 1, 2].flatMap((channel) => each.map(({ weights }) => weights[channel]!)),
      },
      bias: { shape: [classes], values: each.map(({ bias }) => bias) },
    },
    inputs: [{ name: "image", shape: [1, 3, READER_HEIGHT, width] }],
    outputs: [{ name: "classes", shape: [1, columns, classes] }],
    metadata,
  });
}

/** The colours by the letters that a test writes them with; a dash is the blank. */
const COLOURS: Readonly<Record<string, readonly [red: number, green: number, blue: number]>> = {
  "-": [128, 128, 128],
  r: [255, 0, 0],
  g: [0, 255, 0],
  b: [0, 0, 255],
  y: [255, 255, 0],
};

/** A line of stripes: where its middle is, how it slants (degrees, clockwise on the screen), and how long and thick it is, in pixels. */
export interface StripedLine {
  readonly stripes: string;
  readonly x: number;
  readonly y: number;
  readonly slant: number;
  readonly length: number;
  readonly thickness: number;
}

/** A black picture with lines of stripes, RGB. */
export function stripedPixels(width: number, height: number, lines: readonly StripedLine[]): Buffer {
  const pixels = Buffer.alloc(width * height * 3);
  for (let at = 0; at < width * height; at++) {
    for (const { stripes, x, y, slant, length, thickness } of lines) {
      const [dx, dy] = [(at % width) + 0.5 - x, Math.floor(at / width) + 0.5 - y];
      const [cos, sin] = [Math.cos((slant * Math.PI) / 180), Math.sin((slant * Math.PI) / 180)];
      const along = (dx * cos + dy * sin) / length + 0.5;
      const across = (dy * cos - dx * sin) / thickness + 0.5;
      const stripe = stripes[Math.floor(along * stripes.length)];
      if (stripe !== undefined && across >= 0 && across < 1) pixels.set(COLOURS[stripe]!, at * 3);
    }
  }
  return pixels;
}

/** Writes a finder and a recogniser with their cards, each into a folder of its own. */
export async function writeTextBundles(
  folder: string,
  {
    recogniser = {},
    recogniserOnnx = tinyTextReader(READER_WIDTH),
  }: { readonly recogniser?: Readonly<Record<string, unknown>>; readonly recogniserOnnx?: Buffer },
): Promise<{ readonly finder: string; readonly recogniser: string }> {
  const folders = { finder: join(folder, "finder"), recogniser: join(folder, "recogniser") };
  for (const one of Object.values(folders)) await mkdir(one, { recursive: true });
  const finderOnnx = tinyTextFinder(FINDER_PX, FINDER_PX);
  const input = { ...tinyCard(finderOnnx).input, name: "image" };
  const card = { labels: ["text"], thresholds: { text: 0.3 } };
  const finderInput = { ...input, width: FINDER_PX, height: FINDER_PX, letterbox: { anchor: "top-left", pad: 0 } };
  await writeBundle(
    folders.finder,
    { ...card, role: "text-detection", family: "ppocr-det", input: finderInput },
    finderOnnx,
  );
  const readerInput = {
    ...input,
    width: READER_WIDTH,
    height: READER_HEIGHT,
    range: "-1-1",
    letterbox: { anchor: "top-left", pad: 127, zeroPadding: true },
  };
  const { input: changed = {}, ...changes } = recogniser;
  const readerCard = {
    role: "text-recognition",
    family: "ctc",
    characters: [..."京A8粤"],
    ...card,
    ...changes,
    input: { ...readerInput, ...(typeof changed === "object" ? changed : {}) },
  };
  await writeBundle(folders.recogniser, readerCard, recogniserOnnx);
  return folders;
}
