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
 * Gradient of a 3×3 filter: tap (i, j) is the product of dy with x moved by (i-1, j-1). Moving one of the two by
 * rows and the other by columns, the other way round, gives the same sums. The one with fewer channels is
 * moved by rows, and its three are stacked as channels, so that three matrix products make all nine taps.
 */
function filterGradient(x: Tensor, dy: Tensor): Tensor {
  const [out, into] = [Number(dy.shape[1]), Number(x.shape[1])];
  if (into < out) {
    const taps = tapsOf(movedByRows(x), movedByColumns(dy).toReversed());
    // [column tap, row tap, in, out] to [out, in, row tap, column tap]
    return transpose(reshape(taps, [3, 3, into, out]), [3, 2, 1, 0]);
  }
  const taps = tapsOf(movedByRows(dy).toReversed(), movedByColumns(x));
  // [column tap, row tap, out, in] to [out, in, row tap, column tap]
  return transpose(reshape(taps, [3, 3, out, into]), [2, 3, 1, 0]);
}

/** Multiplies the stack of three with each of the other three: [3, 3 · channels of the first, of the second]. */
function tapsOf(stacked: readonly Tensor[], others: readonly Tensor[]): Tensor {
  const stack = rowsOfPixels(concatenate(stacked, 1));
  const products = others.map((other) => {
    const product = sum(productWithTransposed(stack, rowsOfPixels(other)), [0]);
    return reshape(product, [1, ...lengths(product)]);
  });
  return concatenate(products, 0);
}

/** What taps 0, 1 and 2 of a filter see of [n, c, h, w] along the rows: the row above, the same, the row below. */
function movedByRows(x: Tensor): Tensor[] {
  return [pad(x, 2, [1, -1]), x, pad(x, 2, [-1, 1])];
}

/** The same along the columns. */
function movedByColumns(x: Tensor): Tensor[] {
  return [pad(x, 3, [1, -1]), x, pad(x, 3, [-1, 1])];
}
