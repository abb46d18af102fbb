// The gradient of every layer equals finite differences.
import { batchNormRelu } from "../../../../plugins/nn/layers/batch_norm.ts";
import { convolution1x1, convolution3x3 } from "../../../../plugins/nn/layers/convolution.ts";
import { joinChannels, maxPool } from "../../../../plugins/nn/layers/resolution.ts";
import { upConvolution } from "../../../../plugins/nn/layers/up_convolution.ts";
import { assertGradients, type Subject } from "../finite_differences.ts";

const options = { name: "layer", channels: 3 };

const LAYERS: Readonly<Record<string, Subject>> = {
  "3×3 convolution": {
    shape: [2, 2, 3, 4],
    layer: (network, x) => convolution3x3(network, x, options),
  },
  "1×1 convolution": {
    shape: [2, 2, 3, 2],
    layer: (network, x) => convolution1x1(network, x, options),
  },
  "up-convolution": {
    shape: [2, 2, 3, 2],
    layer: (network, x) => upConvolution(network, x, options),
  },
  "batch normalisation with ReLU": {
    shape: [2, 2, 3, 4],
    // Far enough from where ReLU bends that no difference crosses it.
    value: (index) => ((index * 29) % 48) / 8 - (index % 3),
    layer: (network, x) => batchNormRelu(network, x, "layer"),
  },
  "maximum pooling": {
    shape: [2, 2, 4, 4],
    // All distinct, so that a small step changes no maximum.
    value: (index) => ((index * 37) % 64) / 8,
    layer: (network, x) => maxPool(network, x),
  },
  "joined channels, with one part used twice": {
    shape: [2, 2, 2, 3],
    layer: (network, x) => joinChannels(network, [x, convolution1x1(network, x, options), x]),
  },
};

for (const [name, subject] of Object.entries(LAYERS)) {
  Deno.test(`the gradients of ${name} equal finite differences`, () => assertGradients(subject));
}
