// The convolution that doubles height and width (2×2, stride 2), with its gradients.
import type { Tensor } from "../graph/graph.ts";
import { lengths, productWithTransposed, reshape, sum, transpose } from "../graph/operators.ts";
import { rowsOfPixels } from "./convolution.ts";
import type { Network } from "./network.ts";
import { scaled } from "./resolution.ts";

/** Turns every pixel into 2×2: [n, in, h, w] to [n, channels, 2h, 2w]; weights [in, channels, 2, 2]. */
export function upConvolution(
  network: Network,
  x: Tensor,
  options: { readonly name: string; readonly channels: number },
): Tensor {
  const { name, channels } = options;
  const weight = network.parameter(`${name}.weight`, [Number(x.shape[1]), channels, 2, 2]);
  const bias = network.parameter(`${name}.bias`, [channels]);
  const attributes = { kernel_shape: [2, 2], strides: [2, 2] };
  const shape = scaled(x.shape, 2).with(1, channels);
  const y = x.graph.node("ConvTranspose", [x, weight, bias], { shape, attributes });
  network.learning?.tape.record(y, (dy) => [
    [x, () => x.graph.node("Conv", [dy, weight], { shape: x.shape, attributes })],
    [weight, () => filterGradient(x, dy)],
    [bias, () => sum(dy, [0, 2, 3])],
  ]);
  return y;
}

function filterGradient(x: Tensor, dy: Tensor): Tensor {
  const [, channels, height, width] = lengths(dy) as [number, number, number, number];
  const [count, into] = lengths(x) as [number, number];
  const quarters = dy.graph.node("SpaceToDepth", [dy], {
    shape: [count, 4 * channels, height / 2, width / 2],
    attributes: { blocksize: 2 },
  });
  const products = productWithTransposed(rowsOfPixels(x), rowsOfPixels(quarters));
  // SpaceToDepth puts the place in the 2×2 block before the channel.
  return transpose(reshape(sum(products, [0]), [into, 2, 2, channels]), [0, 3, 1, 2]);
}
