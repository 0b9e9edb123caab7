import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import { inputShape, type ModelInput } from "./manifest.ts";
import { attribute, ELEMENT, field, modelOf, node, tensor, text, valueInfo } from "./test-onnx.ts";

/**
 * Tiny ONNX files, written byte by byte, for tests: a network whose outputs are fixed tables, except that the picture's mean brightness is added
 * where the test says.
 */
interface TinyNetwork {
  readonly input: Pick<ModelInput, "name" | "layout" | "width" | "height">;
  /** A second input, `[1, 2]` of int64: what is said there is multiplied into the last axis of the output `boxes`, x, y, x, y. */
  readonly sizeInput?: string;
  readonly outputs: readonly TinyOutput[];
  readonly names?: string;
  /** Says that the tables lie in another file. */
  readonly external?: boolean;
}

export interface TinyOutput {
  readonly name: string;
  readonly shape: readonly number[];
  /** The output's numbers, in order. */
  readonly table: Float32Array;
  /** float32 where absent. */
  readonly type?: "float32" | "int64";
  /** Leaves the first length open, as a file does whose answer depends on the picture. */
  readonly open?: boolean;
  /** Index of the number to which mean brightness is added. */
  readonly brightnessAt?: number;
}

export function writeTinyOnnx({ input, sizeInput, outputs, names, external = false }: TinyNetwork): Buffer {
  const byteInput = input.layout === "nhwc-uint8";
  const graph = Buffer.concat([
    ...(byteInput ? [field(1, node("Cast", [input.name], "pixels", attribute("to", ELEMENT.float32)))] : []),
    field(1, node("ReduceMean", [byteInput ? "pixels" : input.name], "mean", attribute("keepdims", 0))),
    ...(sizeInput === undefined
      ? []
      : [
          field(1, node("Cast", [sizeInput], "size", attribute("to", ELEMENT.float32))),
          field(1, node("Concat", ["size", "size"], "size twice", attribute("axis", 1))),
        ]),
    ...outputs.flatMap(({ name, type = "float32" }) => [
      field(1, node("Mul", ["mean", `${name} gains`], `${name} added`)),
      field(1, node("Add", [`${name} table`, `${name} added`], `${name} sum`)),
      sizeInput !== undefined && name === "boxes"
        ? field(1, node("Mul", [`${name} sum`, "size twice"], name))
        : field(1, node("Cast", [`${name} sum`], name, attribute("to", ELEMENT[type]))),
    ]),
    text(2, "tiny"),
    ...outputs.flatMap(({ name, shape, table, brightnessAt }) => {
      const gains = new Float32Array(table.length);
      if (brightnessAt !== undefined) gains[brightnessAt] = 1;
      return [
        field(5, tensor(`${name} table`, shape, table, external)),
        field(5, tensor(`${name} gains`, shape, gains, false)),
      ];
    }),
    field(11, valueInfo(input.name, byteInput ? ELEMENT.uint8 : ELEMENT.float32, inputShape(input))),
    ...(sizeInput === undefined ? [] : [field(11, valueInfo(sizeInput, ELEMENT.int64, [1, 2]))]),
    ...outputs.map(({ name, type = "float32", shape, open = false }) =>
      field(12, valueInfo(name, ELEMENT[type], open ? [undefined, ...shape.slice(1)] : shape)),
    ),
  ]);
  return modelOf(graph, names === undefined ? {} : { names });
}

/** Writes a bundle folder: the card, and a network that fits it unless the test breaks one of the two. */
export async function writeBundle(
  folder: string,
  card: Readonly<Record<string, unknown>>,
  onnx: Buffer,
): Promise<void> {
  await writeFile(join(folder, "model.onnx"), onnx);
  await writeFile(join(folder, "model.yaml"), stringify({ ...tinyCard(onnx), ...card }));
}

/** 64 × 64 makes 64 + 16 + 4 cells over the strides 8, 16 and 32. */
export const TINY_CELLS = 84;

export function tinyCard(onnx: Buffer) {
  return {
    name: "tiny",
    version: "1.0.0",
    role: "bay",
    family: "yolov8",
    file: "model.onnx",
    sha256: createHash("sha256").update(onnx).digest("hex"),
    input: {
      name: "images",
      width: 64,
      height: 64,
      layout: "nchw-float32",
      channels: "rgb",
      range: "0-1",
      letterbox: { anchor: "centre", pad: 114 },
    },
    labels: ["person", "vehicle"],
    thresholds: { person: 0.5, vehicle: 0.5 },
    licence: "Apache-2.0",
  };
}

/** A YOLOv8 network of two classes: one vehicle at a place in network pixels, and a person whose score is the picture's mean brightness. */
export function tinyYolov8(options: Pick<TinyNetwork, "names" | "external"> & { table?: Float32Array } = {}): Buffer {
  const table = new Float32Array(6 * TINY_CELLS);
  const put = (cell: number, values: readonly number[]) => {
    for (const [row, value] of values.entries()) table[row * TINY_CELLS + cell] = value;
  };
  put(3, [32, 32, 16, 8, 0, 0.9]);
  put(9, [16, 40, 8, 8, 0, 0]);
  const { table: given = table, ...rest } = options;
  return writeTinyOnnx({
    input: { name: "images", layout: "nchw-float32", width: 64, height: 64 },
    outputs: [{ name: "output", shape: [1, 6, TINY_CELLS], table: given, brightnessAt: 4 * TINY_CELLS + 9 }],
    ...rest,
  });
}
