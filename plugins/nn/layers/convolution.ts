// Convolutions with their gradients. Weights are [out, in, rows, columns] as in PyTorch.
import type { Tensor } from "../graph/graph.ts";
import {
  concatenate,
  lengths,
  pad,
  productWithTransposed,
  reshape,
  reverse,
  sum,
  transpose,
} from "../graph/operators.ts";
import type { Network } from "./network.ts";

/** Convolves 3×3 with one pixel of zeros around and no bias: [n, in, h, w] to [n, channels, h, w]. */
export function convolution3x3(
  network: Network,
  x: Tensor,
  options: { readonly name: string; readonly channels: number },
): Tensor {
  const weight = network.parameter(`${options.name}.weight`, [
    options.channels,
    Number(x.shape[1]),
    3,
    3,
  ]);
  const y = convolve3x3(x, weight);
  network.learning?.tape.record(y, (dy) => [
    [x, () => convolve3x3(dy, mirrored(weight))],
    [weight, () => filterGradient(x, dy)],
  ]);
  return y;
}

/** Maps each pixel linearly, with bias: [n, in, h, w] to [n, channels, h, w]. */
export function convolution1x1(
  network: Network,
  x: Tensor,
  options: { readonly name: string; readonly channels: number },
): Tensor {
  const { name, channels } = options;
  const weight = network.parameter(`${name}.weight`, [channels, Number(x.shape[1]), 1, 1]);
  const bias = network.parameter(`${name}.bias`, [channels]);
  const y = convolve1x1([x, weight, bias]);
  network.learning?.tape.record(y, (dy) => [
    [x, () => convolve1x1([dy, transpose(weight, [1, 0, 2, 3])])],
    [weight, () => {
      const products = productWithTransposed(rowsOfPixels(dy), rowsOfPixels(x));
      return reshape(sum(products, [0]), lengths(weight));
    }],
    [bias, () => sum(dy, [0, 2, 3])],
  ]);
  return y;
}

/** Flattens the pixels of [n, channels, h, w] to [n, channels, h·w]. */
export function rowsOfPixels(x: Tensor): Tensor {
  const [count, channels, height, width] = lengths(x) as [number, number, number, number];
  return reshape(x, [count, channels, height * width]);
}

function convolve3x3(x: Tensor, weight: Tensor): Tensor {
  return x.graph.node("Conv", [x, weight], {
    shape: x.shape.with(1, weight.shape[0]!),
    attributes: { kernel_shape: [3, 3], pads: [1, 1, 1, 1] },
  });
}

function convolve1x1(inputs: readonly [x: Tensor, weight: Tensor, bias?: Tensor]): Tensor {
  const [x, weight] = inputs;
  const present = inputs.filter((input) => input !== undefined);
  return x.graph.node("Conv", present, {
    shape: x.shape.with(1, weight.shape[0]!),
    attributes: { kernel_shape: [1, 1] },
  });
}

/** Turns each 3×3 kernel by 180° and swaps its channels: the convolution that carries gradients back. */
function mirrored(weight: Tensor): Tensor {
  const [out, into] = lengths(weight) as [number, number];
  const taps = reverse(reshape(weight, [out, into, 9]), 2);
  return reshape(transpose(taps, [1, 0, 2]), [into, out, 3, 3]);
}

/**
 * Gradient of a 3×3 filter: tap (i, j) is the product of dy with x moved by (i-1, j-1). Moving dy by
 * rows and x by columns instead gives the same sums; the three moved dy are stacked as channels, so
 * that three matrix products make all nine taps.
 */
function filterGradient(x: Tensor, dy: Tensor): Tensor {
  const [out, into] = [Number(dy.shape[1]), Number(x.shape[1])];
  const byRows = concatenate([pad(dy, 2, [-1, 1]), dy, pad(dy, 2, [1, -1])], 1);
  const columns = [pad(x, 3, [1, -1]), x, pad(x, 3, [-1, 1])].map((moved) => {
    const products = productWithTransposed(rowsOfPixels(byRows), rowsOfPixels(moved));
    return reshape(sum(products, [0]), [1, 3, out, into]);
  });
  // [column tap, row tap, out, in] to [out, in, row tap, column tap]
  return transpose(concatenate(columns, 0), [2, 3, 1, 0]);
}
