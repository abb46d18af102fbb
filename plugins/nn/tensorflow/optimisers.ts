// The optimisers of ../training/optimisers.ts on one weight after the other, of TensorFlow.js's operators.
import type { Tensor } from "@tensorflow/tfjs";
import type { OptimiserSettings } from "../training/optimisers.ts";
import type { TensorFlow } from "./tensorflow.ts";

/** A weight and what an optimiser remembers of it; no interface, so that TensorFlow.js takes it as a container. */
export type Remembered = {
  readonly parameter: Tensor;
  /** By the names of the optimiser's memory. */
  readonly memory: Readonly<Record<string, Tensor>>;
};

/** Gives a weight and its memory after a step. */
export function stepOf(
  tf: TensorFlow,
  settings: OptimiserSettings,
  { weight, gradient, scalars }: {
    readonly weight: Remembered;
    readonly gradient: Tensor;
    /** Those of the optimiser for this step. */
    readonly scalars: Readonly<Record<string, number>>;
  },
): Remembered {
  const { parameter, memory } = weight;
  const decoupled = scalars.kept !== undefined;
  const slope = decoupled || settings.weightDecay === 0
    ? gradient
    : tf.add(gradient, tf.mul(parameter, settings.weightDecay));
  if (settings.name === "sgd") {
    const velocity = tf.add(tf.mul(memory.velocity!, settings.momentum), slope);
    const moved = tf.sub(parameter, tf.mul(velocity, scalars.learningRate!));
    return { parameter: moved, memory: { velocity } };
  }
  const firstMoment = tf.add(tf.mul(memory.firstMoment!, 0.9), tf.mul(slope, 0.1));
  const secondMoment = tf.add(tf.mul(memory.secondMoment!, 0.999), tf.mul(tf.square(slope), 0.001));
  const deviation = tf.add(tf.mul(tf.sqrt(secondMoment), scalars.deviationCorrection!), 1e-8);
  const change = tf.div(tf.mul(firstMoment, scalars.stepSize!), deviation);
  const kept = decoupled ? tf.mul(parameter, scalars.kept!) : parameter;
  return { parameter: tf.sub(kept, change), memory: { firstMoment, secondMoment } };
}
