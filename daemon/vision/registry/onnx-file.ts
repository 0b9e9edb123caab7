import { GatewayError } from "../../../contract/errors.ts";
import { protobufFields } from "./protobuf.ts";

/** An input or output as the file declares it; a dimension is undefined where the file leaves it open. */
export interface DeclaredTensor {
  readonly name: string;
  readonly type: (typeof ELEMENT_TYPES)[number];
  readonly shape: readonly (number | undefined)[];
}

/** By the number that onnx.proto gives them (TensorProto.DataType), as far as a family reads them. */
const ELEMENT_TYPES = ["other", "float32", "uint8", "other", "other", "other", "int32", "int64"] as const;

/** What an ONNX file says about itself, read without a runtime. */
export interface OnnxFile {
  readonly inputs: readonly DeclaredTensor[];
  readonly outputs: readonly DeclaredTensor[];
  readonly metadata: ReadonlyMap<string, string>;
  /** What wrote the file, such as `pytorch 2.4.0`; empty where it does not say. */
  readonly producer: string;
  /** Version of ONNX's own operators (the default domain); undefined where the file does not say. */
  readonly opset: number | undefined;
}

/** Graphs within graphs (If, Loop) go a few levels deep in real models. */
const MAX_DEPTH = 16;

// Field numbers of onnx.proto (ONNX 1.17).
const MODEL = {
  producer: 2,
  producerVersion: 3,
  graph: 7,
  opset: 8,
  metadata: 14,
  training: 20,
  functions: 25,
} as const;
const GRAPH = { node: 1, initializer: 5, input: 11, output: 12, sparseInitializer: 15 } as const;
const NODE = { attribute: 5 } as const;
const FUNCTION = { node: 7, attribute: 11 } as const;
const ATTRIBUTE = { tensor: 5, graph: 6, tensors: 10, graphs: 11, sparse: 22, sparses: 23 } as const;
const TENSOR = { externalData: 13, dataLocation: 14 } as const;
const TRAINING = { initialization: 1, algorithm: 2 } as const;

/**
 * Reads inputs, outputs and metadata of an ONNX file and makes sure that it refers to nothing outside itself.
 * @throws GatewayError MODEL_NOT_ONNX, MODEL_EXTERNAL_DATA
 */
export function readOnnxFile(bytes: Buffer): OnnxFile {
  try {
    return readModel(bytes);
  } catch (error) {
    if (error instanceof GatewayError) throw error;
    throw new GatewayError("MODEL_NOT_ONNX", {
      detail: error instanceof Error ? error.message : String(error),
      cause: error,
    });
  }
}

function readModel(bytes: Buffer): OnnxFile {
  const inputs: DeclaredTensor[] = [];
  const outputs: DeclaredTensor[] = [];
  const initialised = new Set<string>();
  const metadata = new Map<string, string>();
  const producer: string[] = [];
  let opset: number | undefined;
  let graphs = 0;
  for (const field of protobufFields(bytes)) {
    if (field.kind !== "bytes") continue;
    if (field.number === MODEL.graph) {
      graphs++;
      for (const part of protobufFields(field.bytes)) {
        if (part.kind !== "bytes") continue;
        if (part.number === GRAPH.input) inputs.push(readValueInfo(part.bytes));
        else if (part.number === GRAPH.output) outputs.push(readValueInfo(part.bytes));
        else if (part.number === GRAPH.initializer) initialised.add(tensorName(part.bytes));
      }
      refuseExternalInGraph(field.bytes, 0);
    } else if (field.number === MODEL.producer || field.number === MODEL.producerVersion) {
      producer.push(field.bytes.toString("utf8"));
    } else if (field.number === MODEL.opset) {
      opset = defaultOpset(field.bytes) ?? opset;
    } else if (field.number === MODEL.metadata) {
      const [key, value] = readEntry(field.bytes);
      metadata.set(key, value);
    } else if (field.number === MODEL.functions) {
      refuseExternalInNodes(field.bytes, FUNCTION.node, 0);
      for (const part of protobufFields(field.bytes))
        if (part.kind === "bytes" && part.number === FUNCTION.attribute) refuseExternalInAttribute(part.bytes, 0);
    } else if (field.number === MODEL.training) {
      for (const part of protobufFields(field.bytes)) {
        if (part.kind === "bytes" && (part.number === TRAINING.initialization || part.number === TRAINING.algorithm))
          refuseExternalInGraph(part.bytes, 0);
      }
    }
  }
  if (graphs !== 1) throw new RangeError(`${graphs} graphs`);
  // Files of IR version 3 list their weights among the inputs as well.
  return {
    inputs: inputs.filter((input) => !initialised.has(input.name)),
    outputs,
    metadata,
    producer: producer.filter(Boolean).join(" "),
    opset,
  };
}

/** OperatorSetIdProto: domain (1), version (2); the version where the domain is ONNX's own. */
function defaultOpset(imported: Buffer): number | undefined {
  let domain = "";
  let version: number | undefined;
  for (const field of protobufFields(imported)) {
    if (field.number === 1 && field.kind === "bytes") domain = field.bytes.toString("utf8");
    if (field.number === 2 && field.kind === "number") version = field.value;
  }
  return domain === "" || domain === "ai.onnx" ? version : undefined;
}

function refuseExternalInGraph(graph: Buffer, depth: number): void {
  if (depth > MAX_DEPTH) throw new RangeError("graphs nested too deeply");
  for (const part of protobufFields(graph)) {
    if (part.kind !== "bytes") continue;
    if (part.number === GRAPH.initializer) refuseExternalTensor(part.bytes);
    else if (part.number === GRAPH.sparseInitializer) refuseExternalSparse(part.bytes);
  }
  refuseExternalInNodes(graph, GRAPH.node, depth);
}

function refuseExternalInNodes(owner: Buffer, nodeField: number, depth: number): void {
  for (const part of protobufFields(owner)) {
    if (part.kind !== "bytes" || part.number !== nodeField) continue;
    for (const inner of protobufFields(part.bytes))
      if (inner.kind === "bytes" && inner.number === NODE.attribute) refuseExternalInAttribute(inner.bytes, depth);
  }
}

function refuseExternalInAttribute(attribute: Buffer, depth: number): void {
  for (const value of protobufFields(attribute)) {
    if (value.kind !== "bytes") continue;
    if (value.number === ATTRIBUTE.tensor || value.number === ATTRIBUTE.tensors) refuseExternalTensor(value.bytes);
    else if (value.number === ATTRIBUTE.sparse || value.number === ATTRIBUTE.sparses) refuseExternalSparse(value.bytes);
    else if (value.number === ATTRIBUTE.graph || value.number === ATTRIBUTE.graphs)
      refuseExternalInGraph(value.bytes, depth + 1);
  }
}

/** SparseTensorProto: values (1) and indices (2) are tensors. */
function refuseExternalSparse(sparse: Buffer): void {
  for (const part of protobufFields(sparse))
    if (part.kind === "bytes" && part.number <= 2) refuseExternalTensor(part.bytes);
}

function refuseExternalTensor(tensor: Buffer): void {
  for (const field of protobufFields(tensor)) {
    const external =
      field.number === TENSOR.externalData ||
      (field.number === TENSOR.dataLocation && field.kind === "number" && field.value !== 0);
    if (external) throw new GatewayError("MODEL_EXTERNAL_DATA", { details: { tensor: tensorName(tensor) } });
  }
}

function tensorName(tensor: Buffer): string {
  for (const field of protobufFields(tensor))
    if (field.kind === "bytes" && field.number === 8) return field.bytes.toString("utf8");
  return "";
}

/** ValueInfoProto: name (1), type (2) → tensor_type (1) → elem_type (1), shape (2) → dim (1) → dim_value (1). */
function readValueInfo(info: Buffer): DeclaredTensor {
  let name = "";
  let type: DeclaredTensor["type"] = "other";
  const shape: (number | undefined)[] = [];
  for (const field of protobufFields(info)) {
    if (field.kind !== "bytes") continue;
    if (field.number === 1) name = field.bytes.toString("utf8");
    if (field.number !== 2) continue;
    for (const typed of protobufFields(field.bytes)) {
      if (typed.kind !== "bytes" || typed.number !== 1) continue;
      for (const part of protobufFields(typed.bytes)) {
        if (part.number === 1 && part.kind === "number") type = ELEMENT_TYPES[part.value] ?? "other";
        if (part.number === 2 && part.kind === "bytes") shape.push(...readShape(part.bytes));
      }
    }
  }
  return { name, type, shape };
}

function readShape(shape: Buffer): (number | undefined)[] {
  const dimensions: (number | undefined)[] = [];
  for (const dimension of protobufFields(shape)) {
    if (dimension.kind !== "bytes" || dimension.number !== 1) continue;
    let size: number | undefined;
    for (const part of protobufFields(dimension.bytes))
      if (part.number === 1 && part.kind === "number") size = part.value;
    dimensions.push(size);
  }
  return dimensions;
}

function readEntry(entry: Buffer): [key: string, value: string] {
  let key = "";
  let value = "";
  for (const field of protobufFields(entry)) {
    if (field.kind !== "bytes") continue;
    if (field.number === 1) key = field.bytes.toString("utf8");
    if (field.number === 2) value = field.bytes.toString("utf8");
  }
  return [key, value];
}
