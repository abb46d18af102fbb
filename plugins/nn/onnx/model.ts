// The parts of an ONNX model as plain data, and their encoding. Field numbers are those of onnx.proto3.
import { ProtobufWriter } from "./protobuf.ts";

/** Element types that the graphs use. */
export type DataType = "float32" | "float16" | "uint8" | "int32" | "int64" | "bool";

/** A length, or the name of a length that is known only when the graph runs. */
export type Dimension = number | string;

/** Plain numbers are integers; a float says so. */
export type Attribute = number | string | readonly number[] | { readonly float: number };

/** A value of a graph, as its inputs and outputs are declared. */
export interface OnnxValue {
  /** Unique in its graph. */
  readonly name: string;
  /** Element type. */
  readonly type: DataType;
  /** Lengths of the axes. */
  readonly shape: readonly Dimension[];
}

export interface OnnxNode {
  readonly operator: string;
  /** Empty for ONNX's own operators. */
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

/** A constant: its value and the bytes of its elements, little-endian. */
export interface OnnxConstant extends OnnxValue {
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

export interface OnnxModel {
  /** Version of ONNX's own operators. */
  readonly opset: number;
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  readonly constants: readonly OnnxConstant[];
  /** Every node after those whose outputs it takes. */
  readonly nodes: readonly OnnxNode[];
}

/** A model with all that is known of its values: inputs, constants, and what the nodes make. */
export interface TypedModel extends OnnxModel {
  /** By the names that the nodes know them by. */
  readonly values: ReadonlyMap<string, Pick<OnnxValue, "type" | "shape">>;
}

const TYPE_CODES: Readonly<Record<DataType, number>> = {
  float32: 1,
  uint8: 2,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
};

const ATTRIBUTE_TYPE = { float: 1, integer: 2, text: 3, integers: 7 } as const;

/** Version of the file format; the oldest that carries opset 18. */
const IR_VERSION = 8;

/** Gives the number by which ONNX names an element type, as `Cast` wants it. */
export function typeCode(type: DataType): number {
  return TYPE_CODES[type];
}

/** Encodes a model as the bytes of an `.onnx` file. */
export function encodeModel(model: OnnxModel): Uint8Array {
  const domains = new Set(model.nodes.map((node) => node.domain).filter((domain) => domain !== ""));
  const writer = new ProtobufWriter()
    .integer(1, IR_VERSION)
    .text(2, "cairn")
    .message(7, (graph) => writeGraph(graph, model))
    .message(8, (opset) => opset.text(1, "").integer(2, model.opset));
  for (const domain of domains) {
    writer.message(8, (opset) => opset.text(1, domain).integer(2, 1));
  }
  return writer.finish();
}

function writeGraph(writer: ProtobufWriter, model: OnnxModel): void {
  for (const node of model.nodes) writer.message(1, (inner) => writeNode(inner, node));
  writer.text(2, "graph");
  for (const constant of model.constants) {
    writer.message(5, (inner) => writeConstant(inner, constant));
  }
  for (const value of model.inputs) writer.message(11, (inner) => writeValue(inner, value));
  for (const value of model.outputs) writer.message(12, (inner) => writeValue(inner, value));
}

function writeNode(writer: ProtobufWriter, node: OnnxNode): void {
  for (const name of node.inputs) writer.text(1, name);
  for (const name of node.outputs) writer.text(2, name);
  writer.text(4, node.operator);
  for (const [name, value] of Object.entries(node.attributes)) {
    writer.message(5, (inner) => writeAttribute(inner, name, value));
  }
  if (node.domain !== "") writer.text(7, node.domain);
}

function writeAttribute(writer: ProtobufWriter, name: string, value: Attribute): void {
  writer.text(1, name);
  if (typeof value === "number") {
    writer.integer(3, value).integer(20, ATTRIBUTE_TYPE.integer);
  } else if (typeof value === "string") {
    writer.text(4, value).integer(20, ATTRIBUTE_TYPE.text);
  } else if ("float" in value) {
    writer.float(2, value.float).integer(20, ATTRIBUTE_TYPE.float);
  } else {
    for (const element of value) writer.integer(8, element);
    writer.integer(20, ATTRIBUTE_TYPE.integers);
  }
}

function writeConstant(writer: ProtobufWriter, constant: OnnxConstant): void {
  for (const length of constant.shape) writer.integer(1, length);
  writer.integer(2, TYPE_CODES[constant.type]).text(8, constant.name).bytes(9, constant.data);
}

function writeValue(writer: ProtobufWriter, value: OnnxValue): void {
  writer.text(1, value.name).message(
    2,
    (type) =>
      type.message(1, (tensor) =>
        tensor.integer(1, TYPE_CODES[value.type]).message(2, (shape) => {
          for (const dimension of value.shape) {
            shape.message(1, (inner) => {
              if (typeof dimension === "number") inner.integer(1, dimension);
              else inner.text(2, dimension);
            });
          }
        })),
  );
}
