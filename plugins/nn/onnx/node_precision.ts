// Which precision a node of a graph may compute in: what is heavy in half precision, what adds up much in single.
import type { OnnxConstant, OnnxNode, OnnxValue, TypedModel } from "./model.ts";

/** How much a device can be asked for in half precision. */
export interface HalfOptions {
  /**
   * Most products that a sum in half precision may have; longer ones are computed in single precision. Infinity
   * where the device adds up in single precision what it multiplies in half.
   */
  readonly longestSum: number;
}

/** "between" takes and gives half precision, and computes in single. */
export type NodePrecision = "half" | "single" | "between";

/** What the choice looks at besides the node. */
export interface Surroundings {
  readonly model: TypedModel;
  readonly constants: ReadonlyMap<string, OnnxConstant>;
  /** Says whether a value is there in half precision; for a truth value, whether it was found by comparing such. */
  readonly isHalf: (name: string) => boolean;
}

/** In half precision whatever they are given, unless they are sums. */
const CONVOLUTIONS = new Set(["Conv", "ConvTranspose"]);
const MATRIX_PRODUCTS = new Set(["MatMul", "Gemm", "FusedMatMul"]);

/** What moves, compares, or computes value by value: in half precision where what it is given is. */
const FOLLOWERS = new Set([
  ...["Reshape", "Transpose", "Slice", "Split", "Pad", "Concat", "Expand", "Unsqueeze", "Squeeze"],
  ...["SpaceToDepth", "DepthToSpace", "Resize", "MaxPool", "AveragePool"],
  ...["Add", "Sub", "Mul", "Div", "Neg", "Abs", "Max", "Min", "Relu", "Where"],
  ...["Equal", "Greater", "Less", "GreaterOrEqual", "LessOrEqual"],
]);

/** Chooses the precision of a node. */
export function precisionOf(
  node: OnnxNode,
  around: Surroundings,
  options: HalfOptions,
): NodePrecision {
  const { operator } = node;
  const isMatrixProduct = MATRIX_PRODUCTS.has(operator);
  if (isMatrixProduct || CONVOLUTIONS.has(operator)) {
    const isSum = termsOf(node, around) > options.longestSum ||
      isMatrixProduct && isDotProduct(node, around);
    return isSum ? "single" : "half";
  }
  if (operator === "BatchNormalization") {
    return around.isHalf(node.inputs[0]!) ? "between" : "single";
  }
  if (operator === "Cast") return isMask(node, around) ? "half" : "single";
  return FOLLOWERS.has(operator) && follows(node, around) ? "half" : "single";
}

/** Gives the inputs of a node that change with its precision. */
export function operandsOf({ operator, inputs }: OnnxNode, { values }: TypedModel): string[] {
  // The scales of Resize are single precision always.
  const candidates = operator === "Resize" ? inputs.slice(0, 1) : inputs;
  return candidates.filter((name) => values.get(name)?.type === "float32");
}

/** A product of two vectors is a sum that only looks like a matrix. */
function isDotProduct({ outputs }: OnnxNode, { model }: Surroundings): boolean {
  return shapeOf(outputs[0]!, model).slice(-2).every((length) => length === 1);
}

/** How many products each result is the sum of at most; Infinity where only running the graph tells. */
function termsOf({ operator, inputs }: OnnxNode, { model }: Surroundings): number {
  const [first, second] = inputs.map((name) => shapeOf(name, model));
  const summed = operator === "Conv"
    ? second!.slice(1)
    : operator === "ConvTranspose"
    ? second!.with(1, 1)
    : [Math.max(...first!.slice(-2).map(lengthOf))];
  return summed.map(lengthOf).reduce((product, length) => product * length, 1);
}

/** Turns truth values that came of comparing halves into numbers. */
function isMask({ inputs, outputs }: OnnxNode, { model, isHalf }: Surroundings): boolean {
  const [from, to] = [inputs[0]!, outputs[0]!].map((name) => model.values.get(name)?.type);
  return from === "bool" && to === "float32" && isHalf(inputs[0]!);
}

/** What is no map of features stays single: weights, statistics, and what becomes of gradients. */
function follows(node: OnnxNode, around: Surroundings): boolean {
  const { model, isHalf } = around;
  const operands = operandsOf(node, model);
  return operands.some(isHalf) && operands.every((name) => fits(name, around)) &&
    shapeOf(node.outputs[0]!, model).length >= 3;
}

function fits(name: string, { model, constants, isHalf }: Surroundings): boolean {
  if (isHalf(name)) return true;
  const constant = constants.get(name);
  if (constant !== undefined) return isExact(constant);
  // One number per channel.
  const shape = shapeOf(name, model);
  return shape.length === 4 && shape.slice(2).every((length) => length === 1);
}

/** Says whether half precision holds a constant as well as every other number. */
function isExact(constant: OnnxConstant): boolean {
  return floatsOf(constant)
    .every((value) => Math.abs(Math.f16round(value) - value) <= Math.abs(value) / 2048);
}

/** Views the numbers of a float32 constant. */
export function floatsOf({ data }: OnnxConstant): Float32Array {
  return new Float32Array(data.buffer, data.byteOffset, data.byteLength / 4);
}

function shapeOf(name: string, { values }: TypedModel): OnnxValue["shape"] {
  return values.get(name)?.shape ?? [];
}

function lengthOf(dimension: number | string): number {
  return typeof dimension === "number" ? dimension : Infinity;
}
