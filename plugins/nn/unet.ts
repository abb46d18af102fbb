// The U-Net: which layers, in which order, under which names. Built with a training network it learns,
// with a predicting one it predicts; the names are those of the common public PyTorch implementation.
import type { Architecture, Design } from "./design.ts";
import type { Tensor } from "./graph/graph.ts";
import { batchNormRelu } from "./layers/batch_norm.ts";
import { convolution1x1, convolution3x3 } from "./layers/convolution.ts";
import type { Network } from "./layers/network.ts";
import { joinChannels, maxPool } from "./layers/resolution.ts";
import { upConvolution } from "./layers/up_convolution.ts";

/** The U-Net: `base` channels at first, twice as many each time that the image is halved. */
export const unet: Design = { name: "unet", build };

function build(network: Network, image: Tensor, architecture: Architecture): Tensor {
  const { base, depth, classes } = architecture;
  let x = doubleConvolution(network, image, { name: "inc", channels: base });
  const skips: Tensor[] = [];
  for (let level = 1; level <= depth; level++) {
    skips.push(x);
    x = doubleConvolution(network, maxPool(network, x), {
      name: `down${level}.maxpool_conv.1`,
      channels: base * 2 ** level,
    });
  }
  for (let level = 1; level <= depth; level++) {
    const channels = base * 2 ** (depth - level);
    const upsampled = upConvolution(network, x, { name: `up${level}.up`, channels });
    const joined = joinChannels(network, [skips.pop()!, upsampled]);
    x = doubleConvolution(network, joined, { name: `up${level}.conv`, channels });
  }
  return convolution1x1(network, x, { name: "outc.conv", channels: classes });
}

function doubleConvolution(
  network: Network,
  x: Tensor,
  options: { readonly name: string; readonly channels: number },
): Tensor {
  const { channels } = options;
  const name = `${options.name}.double_conv`;
  const first = convolution3x3(network, x, { name: `${name}.0`, channels });
  const middle = batchNormRelu(network, first, `${name}.1`);
  const second = convolution3x3(network, middle, { name: `${name}.3`, channels });
  return batchNormRelu(network, second, `${name}.4`);
}
