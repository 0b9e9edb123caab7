/** The parts of an ONNX file, written byte by byte, for tests. Field numbers as in onnx.proto (ONNX 1.17). */

/** A tensor that goes in or comes out; an undefined length is left open. */
export interface GraphTensor {
  readonly name: string;
  readonly type?: keyof typeof ELEMENT;
  readonly shape: readonly (number | undefined)[];
}

/** A whole file: nodes in order, the constants that they use, what goes in and what comes out. */
export function onnxFile(graph: {
  readonly nodes: readonly Buffer[];
  readonly constants: Readonly<
    Record<string, { readonly shape: readonly number[]; readonly values: readonly number[] }>
  >;
  readonly inputs: readonly GraphTensor[];
  readonly outputs: readonly GraphTensor[];
  readonly metadata?: Readonly<Record<string, string>>;
}): Buffer {
  const info = ({ name, type = "float32", shape }: GraphTensor) => valueInfo(name, ELEMENT[type], shape);
  return modelOf(
    Buffer.concat([
      ...graph.nodes.map((one) => field(1, one)),
      text(2, "tiny"),
      ...Object.entries(graph.constants).map(([name, { shape, values }]) =>
        field(5, tensor(name, shape, Float32Array.from(values))),
      ),
      ...graph.inputs.map((input) => field(11, info(input))),
      ...graph.outputs.map((output) => field(12, info(output))),
    ]),
    graph.metadata,
  );
}

/** IR version 8, operators of version 13. */
export function modelOf(graph: Buffer, metadata: Readonly<Record<string, string>> = {}): Buffer {
  return Buffer.concat([
    number(1, 8),
    field(7, graph),
    field(8, Buffer.concat([text(1, ""), number(2, 13)])),
    ...Object.entries(metadata).map(([key, value]) => field(14, Buffer.concat([text(1, key), text(2, value)]))),
  ]);
}

/** TensorProto.DataType. */
export const ELEMENT = { float32: 1, uint8: 2, int32: 6, int64: 7 } as const;

export function node(
  operator: string,
  inputs: readonly string[],
  output: string,
  ...attributes: readonly Buffer[]
): Buffer {
  return Buffer.concat([
    ...inputs.map((name) => text(1, name)),
    text(2, output),
    text(4, operator),
    ...attributes.map((bytes) => field(5, bytes)),
  ]);
}

/** An integer attribute (type 2), or a list of them (type 7). */
export function attribute(name: string, value: number | readonly number[]): Buffer {
  if (typeof value === "number") return Buffer.concat([text(1, name), number(3, value), number(20, 2)]);
  return Buffer.concat([text(1, name), ...value.map((one) => number(8, one)), number(20, 7)]);
}

export function tensor(name: string, shape: readonly number[], values: Float32Array, external = false): Buffer {
  const content = external
    ? [field(13, Buffer.concat([text(1, "location"), text(2, "weights.bin")])), number(14, 1)]
    : [field(9, Buffer.from(values.buffer, values.byteOffset, values.byteLength))];
  return Buffer.concat([...shape.map((size) => number(1, size)), number(2, 1), text(8, name), ...content]);
}

export function valueInfo(name: string, elementType: number, shape: readonly (number | undefined)[]): Buffer {
  const dimensions = shape.map((size) => field(1, size === undefined ? text(2, "n") : number(1, size)));
  const tensorType = Buffer.concat([number(1, elementType), field(2, Buffer.concat(dimensions))]);
  return Buffer.concat([text(1, name), field(2, field(1, tensorType))]);
}

export function field(fieldNumber: number, bytes: Buffer): Buffer {
  return Buffer.concat([varint(fieldNumber * 8 + 2), varint(bytes.length), bytes]);
}

export function text(fieldNumber: number, value: string): Buffer {
  return field(fieldNumber, Buffer.from(value));
}

function number(fieldNumber: number, value: number): Buffer {
  return Buffer.concat([varint(fieldNumber * 8), varint(value)]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  do {
    bytes.push((rest % 128) + (rest >= 128 ? 128 : 0));
    rest = Math.floor(rest / 128);
  } while (rest > 0);
  return Buffer.from(bytes);
}
