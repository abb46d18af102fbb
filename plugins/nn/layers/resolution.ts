// Halving and joining feature maps: maximum pooling and skip connections, with their gradients.
import type { Tensor } from "../graph/graph.ts";
import { concatenate, slice } from "../graph/operators.ts";
import type { Dimension } from "../onnx/model.ts";
import type { Network } from "./network.ts";

/** Keeps the greatest of every 2×2 pixels: [n, c, h, w] to [n, c, h/2, w/2]. */
export function maxPool(network: Network, x: Tensor): Tensor {
  const { graph } = x;
  const shape = scaled(x.shape, 1 / 2);
  const attributes = { kernel_shape: [2, 2], strides: [2, 2] };
  const { learning } = network;
  if (learning === undefined) return graph.node("MaxPool", [x], { shape, attributes });
  const results = [{ shape }, { shape, type: "int64" }] as const;
  const [y, places] = graph.nodeWithResults("MaxPool", [x], { results, attributes });
  learning.tape.record(y!, (dy) => [
    [x, () => graph.node("MaxUnpool", [dy, places!], { shape: x.shape, attributes })],
  ]);
  return y!;
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
