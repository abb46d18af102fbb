// Halving, doubling, joining and adding feature maps, with their gradients.
import type { Tensor } from "../graph/graph.ts";
import { add, cast, concatenate, divide, isEqual, multiply, slice } from "../graph/operators.ts";
import type { Dimension } from "../onnx/model.ts";
import type { Network } from "./network.ts";

/** Keeps the greatest of every 2×2 pixels: [n, c, h, w] to [n, c, h/2, w/2]. */
export function maxPool(network: Network, x: Tensor): Tensor {
  const { graph } = x;
  const shape = scaled(x.shape, 1 / 2);
  const attributes = { kernel_shape: [2, 2], strides: [2, 2] };
  const y = graph.node("MaxPool", [x], { shape, attributes });
  network.learning?.tape.record(y, (dy) => [
    [x, () => {
      const isGreatest = cast(isEqual(x, repeated(y)), "float32");
      // Equal maxima share the gradient: a quarter, a half or a third each.
      const share = graph.node("AveragePool", [isGreatest], { shape, attributes });
      return multiply(isGreatest, repeated(divide(dy, multiply(share, 4))));
    }],
  ]);
  return y;
}

/** Shows every pixel as 2×2 equal ones: [n, c, h, w] to [n, c, 2h, 2w]. */
export function enlarge(network: Network, x: Tensor): Tensor {
  const y = repeated(x);
  network.learning?.tape.record(y, (dy) => [
    [x, () => {
      const attributes = { kernel_shape: [2, 2], strides: [2, 2] };
      return multiply(x.graph.node("AveragePool", [dy], { shape: x.shape, attributes }), 4);
    }],
  ]);
  return y;
}

/** Adds two feature maps of one shape. */
export function addMaps(network: Network, a: Tensor, b: Tensor): Tensor {
  const y = add(a, b);
  network.learning?.tape.record(y, (dy) => [[a, () => dy], [b, () => dy]]);
  return y;
}

/** Repeats every pixel of [n, c, h, w] twice along rows and columns. */
function repeated(x: Tensor): Tensor {
  return x.graph.node("Resize", [x, x.graph.absent(), x.graph.floats([1, 1, 2, 2])], {
    shape: scaled(x.shape, 2),
    attributes: {
      mode: "nearest",
      nearest_mode: "floor",
      coordinate_transformation_mode: "asymmetric",
    },
  });
}

/** Joins feature maps as channels: [n, a, h, w] and [n, b, h, w] to [n, a + b, h, w]. */
export function joinChannels(network: Network, parts: readonly Tensor[]): Tensor {
  const y = concatenate(parts, 1);
  network.learning?.tape.record(y, (dy) => {
    let end = 0;
    return parts.map((part) => {
      const start = end;
      end += Number(part.shape[1]);
      const range = [start, end] as const;
      return [part, () => slice(dy, 1, range)];
    });
  });
  return y;
}

/** Scales height and width of [n, c, h, w]; lengths known by name only get a new name. */
export function scaled(shape: readonly Dimension[], factor: number): readonly Dimension[] {
  return shape.map((length, axis) => {
    if (axis < 2) return length;
    return typeof length === "number" ? length * factor : `${length}*${factor}`;
  });
}
