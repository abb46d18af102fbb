// Operators on tensors: one function per ONNX operator that the layers need, with its shape rule.
import { type DataType, type Dimension, typeCode } from "../onnx/model.ts";
import type { Tensor } from "./graph.ts";

/** Something that broadcasts against a tensor: another tensor or one number. */
export type Operand = Tensor | number;

/** Adds elementwise. */
export function add(a: Tensor, b: Operand): Tensor {
  return elementwise("Add", a, b);
}

/** Subtracts elementwise. */
export function subtract(a: Tensor, b: Operand): Tensor {
  return elementwise("Sub", a, b);
}

/** Multiplies elementwise. */
export function multiply(a: Tensor, b: Operand): Tensor {
  return elementwise("Mul", a, b);
}

/** Divides elementwise. */
export function divide(a: Tensor, b: Operand): Tensor {
  return elementwise("Div", a, b);
}

/** Takes the natural logarithm elementwise. */
export function logarithm(x: Tensor): Tensor {
  return x.graph.node("Log", [x], { shape: x.shape });
}

/** Gives the greater of two values, elementwise. */
export function maximum(a: Tensor, b: Operand): Tensor {
  return elementwise("Max", a, b);
}

/** Takes the square root elementwise. */
export function squareRoot(x: Tensor): Tensor {
  return x.graph.node("Sqrt", [x], { shape: x.shape });
}

/** Takes 1/x elementwise. */
export function reciprocal(x: Tensor): Tensor {
  return x.graph.node("Reciprocal", [x], { shape: x.shape });
}

/** Takes e^x elementwise. */
export function exponential(x: Tensor): Tensor {
  return x.graph.node("Exp", [x], { shape: x.shape });
}

/** Says elementwise whether a > b. */
export function isGreater(a: Tensor, b: Operand): Tensor {
  return elementwise("Greater", a, b, "bool");
}

/** Says elementwise whether a = b. */
export function isEqual(a: Tensor, b: Operand): Tensor {
  return elementwise("Equal", a, b, "bool");
}

/** Keeps the elements where the condition holds, zero elsewhere; much faster than `where`. */
export function masked(x: Tensor, condition: Tensor): Tensor {
  return multiply(x, cast(condition, x.type));
}

/** Takes `yes` where the condition holds, else `no`. */
export function where(condition: Tensor, yes: Operand, no: Operand): Tensor {
  const chosen = [operand(condition, yes), operand(condition, no)] as const;
  const shape = broadcast(broadcast(condition.shape, chosen[0].shape), chosen[1].shape);
  return condition.graph.node("Where", [condition, ...chosen], { shape });
}

/** Converts the element type. */
export function cast(x: Tensor, type: DataType): Tensor {
  return x.graph.node("Cast", [x], { shape: x.shape, type, attributes: { to: typeCode(type) } });
}

/** Gives the same elements another shape. */
export function reshape(x: Tensor, shape: readonly number[]): Tensor {
  return x.graph.node("Reshape", [x, x.graph.integers(shape)], { shape, type: x.type });
}

/** Reorders the axes: axis `i` of the result is axis `order[i]` of x. */
export function transpose(x: Tensor, order: readonly number[]): Tensor {
  const shape = order.map((axis) => x.shape[axis]!);
  return x.graph.node("Transpose", [x], { shape, attributes: { perm: order } });
}

/** Joins tensors along an axis. */
export function concatenate(parts: readonly Tensor[], axis: number): Tensor {
  const [first] = parts;
  if (first === undefined) throw new Error("Nothing to concatenate");
  const length = parts.reduce((sum, part) => sum + fixed(part.shape[axis]!), 0);
  const shape = first.shape.with(axis, length);
  return first.graph.node("Concat", parts, { shape, attributes: { axis } });
}

/** Cuts a tensor along an axis into parts of the given lengths. */
export function split(x: Tensor, axis: number, lengths: readonly number[]): Tensor[] {
  // ONNX's Split makes all parts in one shader, and WebGPU binds only a few of them.
  let end = 0;
  return lengths.map((length) => slice(x, axis, [end, end += length]));
}

/** Takes a run of one axis. */
export function slice(
  x: Tensor,
  axis: number,
  range: readonly [start: number, end: number],
): Tensor {
  const { graph } = x;
  const [start, end] = range.map((bound) => graph.integers([bound])) as [Tensor, Tensor];
  const shape = x.shape.with(axis, range[1] - range[0]);
  return graph.node("Slice", [x, start, end, graph.integers([axis])], { shape });
}

/** Adds `before` and `after` zeros along an axis; a negative count takes elements away. */
export function pad(
  x: Tensor,
  axis: number,
  counts: readonly [before: number, after: number],
): Tensor {
  const pads = new Array<number>(2 * x.shape.length).fill(0);
  [pads[axis], pads[axis + x.shape.length]] = counts;
  const shape = x.shape.with(axis, fixed(x.shape[axis]!) + counts[0] + counts[1]);
  return x.graph.node("Pad", [x, x.graph.integers(pads)], { shape });
}

/** Turns an axis around. */
export function reverse(x: Tensor, axis: number): Tensor {
  const [start, step] = [-1, -1];
  const end = -fixed(x.shape[axis]!) - 1;
  const parameters = [start, end, axis, step].map((value) => x.graph.integers([value]));
  return x.graph.node("Slice", [x, ...parameters], { shape: x.shape });
}

/** Sums over axes, which disappear. */
export function sum(x: Tensor, axes: readonly number[]): Tensor {
  return reduction("ReduceSum", x, axes);
}

/** Averages over axes, which disappear. */
export function mean(x: Tensor, axes: readonly number[]): Tensor {
  return reduction("ReduceMean", x, axes);
}

/** Finds the greatest along axes, which disappear. */
export function greatest(x: Tensor, axes: readonly number[]): Tensor {
  return reduction("ReduceMax", x, axes);
}

/** Multiplies matrices a [batch, m, k] and b [batch, n, k] to a·bᵀ [batch, m, n]. */
export function productWithTransposed(a: Tensor, b: Tensor): Tensor {
  // ONNX Runtime turns the two into one on processors, and has no such one for WebGPU.
  const turned = transpose(b, [0, 2, 1]);
  return a.graph.node("MatMul", [a, turned], {
    shape: [...a.shape.slice(0, -1), b.shape.at(-2)!],
  });
}

/** Gives the lengths of a tensor whose shape is known while the graph is built. */
export function lengths(x: Tensor): readonly number[] {
  return x.shape.map(fixed);
}

/** Gives the number of elements of a tensor of known shape. */
export function elementCount(x: Tensor): number {
  return lengths(x).reduce((product, length) => product * length, 1);
}

function fixed(dimension: Dimension): number {
  if (typeof dimension === "number") return dimension;
  throw new Error(`The length "${dimension}" is known only when the graph runs`);
}

function elementwise(operator: string, a: Tensor, b: Operand, type: DataType = a.type): Tensor {
  const right = operand(a, b);
  const shape = broadcast(a.shape, right.shape);
  return a.graph.node(operator, [a, right], { shape, type });
}

function operand(beside: Tensor, value: Operand): Tensor {
  return typeof value === "number" ? beside.graph.floats([value], []) : value;
}

function reduction(operator: string, x: Tensor, axes: readonly number[]): Tensor {
  const shape = x.shape.filter((_, axis) => !axes.includes(axis));
  return x.graph.node(operator, [x, x.graph.integers(axes)], {
    shape,
    attributes: { keepdims: 0 },
  });
}

/** Lengths are compared from the last axis on; a length of one stretches. */
function broadcast(a: readonly Dimension[], b: readonly Dimension[]): readonly Dimension[] {
  const [long, short] = a.length >= b.length ? [a, b] : [b, a];
  const offset = long.length - short.length;
  return long.map((length, axis) => {
    const other = short[axis - offset];
    return other === undefined || other === 1 ? length : length === 1 ? other : length;
  });
}
