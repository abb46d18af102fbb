// An example of a network of one's own: a feature pyramid (Lin et al., 2017) in place of the U-Net. On the way
// down the image is halved `depth` times; on the way up each coarse map is doubled and added to the finer one.
import { addMaps, batchNormRelu, convolution1x1, convolution3x3, enlarge, maxPool } from "cairn/nn";
import type { Design, Network, Tensor } from "cairn/nn";
import { trainerOf } from "cairn/train";

const pyramid: Design = {
  name: "fpn",
  build(network, image, { base, depth, classes }): Tensor {
    const levels = [block(network, image, { name: "down.0", channels: base })];
    for (let level = 1; level <= depth; level++) {
      const halved = maxPool(network, levels.at(-1)!);
      levels.push(block(network, halved, { name: `down.${level}`, channels: base * 2 ** level }));
    }
    // All maps of the pyramid have twice the channels of the first block.
    const channels = 2 * base;
    const lateral = (level: number): Tensor =>
      convolution1x1(network, levels[level]!, { name: `lateral.${level}`, channels });
    let map = lateral(depth);
    for (let level = depth - 1; level >= 0; level--) {
      map = addMaps(network, enlarge(network, map), lateral(level));
    }
    const smooth = block(network, map, { name: "smooth", channels });
    return convolution1x1(network, smooth, { name: "classes", channels: classes });
  },
};

/** A 3×3 convolution, batch normalisation and ReLU: [n, c, h, w] to [n, channels, h, w]. */
function block(
  network: Network,
  x: Tensor,
  { name, channels }: { readonly name: string; readonly channels: number },
): Tensor {
  const y = convolution3x3(network, x, { name: `${name}.convolution`, channels });
  return batchNormRelu(network, y, `${name}.norm`);
}

export const plugin = trainerOf(pyramid, {
  name: "train-fpn",
  description: "Trains a small feature pyramid network for land cover on tiles",
  version: 1,
});
