// The losses of ../training/losses.ts, of TensorFlow.js's operators; gradients are the library's.
import type { Tensor, Tensor3D, Tensor4D } from "@tensorflow/tfjs";
import type { LossName, LossOptions } from "../training/losses.ts";
import type { TensorFlow } from "./tensorflow.ts";

/** Numbers without an axis: the terms of a mean, and what they are to be divided by. */
export interface Terms {
  readonly total: Tensor;
  readonly weight: Tensor;
}

/** Compares logits [n, h, w, classes] with labels [n, h, w]; a label that is no class counts as none. */
export function lossTerms(
  tf: TensorFlow,
  { logits, label }: { readonly logits: Tensor4D; readonly label: Tensor3D },
  { losses, classWeights }: LossOptions,
): Terms {
  const classes = tf.range(0, classWeights.length, 1, "int32");
  const truth = tf.cast(tf.equal(tf.expandDims(label, 3), classes), "float32");
  const pixelWeight = tf.sum(tf.mul(truth, tf.tensor1d([...classWeights])), 3, true);
  const weight = tf.maximum(tf.sum(pixelWeight), 1e-12);
  const logarithm = tf.logSoftmax(logits);
  const seen: Seen = { truth, pixelWeight, weight, logarithm, classWeights };
  return { total: tf.addN(losses.map((name) => SUMMANDS[name](tf, seen))), weight };
}

/** Pixels with what is known of them, [n, h, w, classes] or [n, h, w, 1]. */
interface Seen {
  /** One where the label is the class. */
  readonly truth: Tensor;
  readonly pixelWeight: Tensor;
  readonly weight: Tensor;
  /** Of the probabilities. */
  readonly logarithm: Tensor;
  readonly classWeights: readonly number[];
}

const SUMMANDS: Readonly<Record<LossName, (tf: TensorFlow, seen: Seen) => Tensor>> = {
  "cross-entropy": (tf, { truth, pixelWeight, logarithm }) =>
    tf.neg(tf.sum(tf.mul(tf.mul(truth, logarithm), pixelWeight))),
  focal: (tf, { truth, pixelWeight, logarithm }) => {
    const right = tf.sum(tf.mul(truth, logarithm), 3, true);
    const wrong = tf.square(tf.sub(1, tf.exp(right)));
    return tf.neg(tf.sum(tf.mul(tf.mul(pixelWeight, wrong), right)));
  },
  dice: (tf, { truth, pixelWeight, weight, logarithm, classWeights }) => {
    const counts = tf.cast(tf.greater(pixelWeight, 0), "float32");
    const sumPerClass = (x: Tensor): Tensor => tf.sum(x, [0, 1, 2]);
    const probability = tf.mul(tf.exp(logarithm), counts);
    const counted = tf.mul(truth, counts);
    const common = tf.add(tf.mul(sumPerClass(tf.mul(probability, counted)), 2), 1);
    const either = tf.add(tf.add(sumPerClass(probability), sumPerClass(counted)), 1);
    const isCounting = classWeights.map((classWeight) => classWeight > 0 ? 1 : 0);
    const counting = isCounting.filter((one) => one === 1).length;
    const missing = tf.mul(tf.sub(1, tf.div(common, either)), tf.tensor1d(isCounting));
    return tf.mul(tf.div(tf.sum(missing), counting), weight);
  },
};
