// The U-Net once more, of TensorFlow.js's operators and written apart from the other one: images are
// [n, h, w, bands] here, and gradients are the library's. Names of weights are the same.
import type { Tensor, Tensor4D } from "@tensorflow/tfjs";
import type { Architecture } from "../design.ts";
import type { TensorFlow } from "./tensorflow.ts";

/** Where the network takes its weights from. */
export interface Weighted {
  readonly tf: TensorFlow;
  /** Gives a weight by its name; filters are [rows, columns, in, out], of up-convolutions [rows, columns, out, in]. */
  readonly weight: (name: string) => Tensor;
  /** Takes mean and unbiased variance of a batch where the network learns; absent where it predicts. */
  readonly observe?: (norm: string, mean: Tensor, variance: Tensor) => void;
}

const EPSILON = 1e-5;

/** Gives the logits [n, h, w, classes] of normalised images [n, h, w, bands]. */
export function unetLogits(
  network: Weighted,
  image: Tensor4D,
  { depth }: Architecture,
): Tensor4D {
  const { tf, weight } = network;
  let x = twoConvolutions(network, image, "inc.double_conv");
  const skips: Tensor4D[] = [];
  for (let level = 1; level <= depth; level++) {
    skips.push(x);
    x = twoConvolutions(
      network,
      tf.maxPool(x, 2, 2, "valid"),
      `down${level}.maxpool_conv.1.double_conv`,
    );
  }
  for (let level = 1; level <= depth; level++) {
    const skip = skips.pop()!;
    const filter = weight(`up${level}.up.weight`) as Tensor4D;
    const shape: [number, number, number, number] = [
      x.shape[0],
      skip.shape[1],
      skip.shape[2],
      filter.shape[2],
    ];
    const raised = tf.add(
      tf.conv2dTranspose(x, filter, shape, 2, "valid"),
      weight(`up${level}.up.bias`),
    );
    x = twoConvolutions(
      network,
      tf.concat([skip, raised], 3) as Tensor4D,
      `up${level}.conv.double_conv`,
    );
  }
  const last = tf.conv2d(x, weight("outc.conv.weight") as Tensor4D, 1, "valid");
  return tf.add(last, weight("outc.conv.bias"));
}

function twoConvolutions(network: Weighted, x: Tensor4D, name: string): Tensor4D {
  const { tf, weight } = network;
  const convolve = (from: Tensor4D, layer: number): Tensor4D =>
    tf.conv2d(from, weight(`${name}.${layer}.weight`) as Tensor4D, 1, "same");
  const middle = normaliseAndCut(network, convolve(x, 0), `${name}.1`);
  return normaliseAndCut(network, convolve(middle, 3), `${name}.4`);
}

function normaliseAndCut(network: Weighted, x: Tensor4D, name: string): Tensor4D {
  const { tf, weight, observe } = network;
  let [mean, variance] = [weight(`${name}.running_mean`), weight(`${name}.running_var`)];
  if (observe !== undefined) {
    ({ mean, variance } = tf.moments(x, [0, 1, 2]));
    const count = x.shape[0] * x.shape[1] * x.shape[2];
    observe(name, mean, tf.mul(variance, count / (count - 1)));
  }
  const centred = tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, EPSILON)));
  return tf.relu(tf.add(tf.mul(centred, weight(`${name}.weight`)), weight(`${name}.bias`)));
}
