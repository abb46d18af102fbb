// What every loss looks at: the classes' probabilities at each pixel, its label, and how much it counts.
import type { Tensor } from "../graph/graph.ts";
import {
  cast,
  divide,
  exponential,
  greatest,
  isEqual,
  logarithm,
  maximum,
  reshape,
  subtract,
  sum,
  where,
} from "../graph/operators.ts";

/** Pixels with what the network says of them; [n, classes, h, w] unless said. */
export interface Pixels {
  readonly classWeights: readonly number[];
  readonly probability: Tensor;
  readonly logProbability: Tensor;
  /** Whether the label is that class. */
  readonly isClass: Tensor;
  /** The class's weight where the label is that class, else 0. */
  readonly target: Tensor;
  /** Weight of the labelled class, 0 without a label; [n, 1, h, w]. */
  readonly pixelWeight: Tensor;
  /** Sum of all pixels' weights, a scalar above zero. */
  readonly weight: Tensor;
}

/** The axis of classes or channels. */
export const CLASS_AXIS = 1;
/** All axes of a batch of maps. */
export const EVERY_AXIS: readonly number[] = [0, 1, 2, 3];
/** Divides the loss of a batch without any label, which is zero. */
const SMALLEST_WEIGHT = 1e-12;

/** Compares logits [n, classes, h, w] with labels uint8 [n, h, w]; a label that is no class is none. */
export function comparePixels(
  logits: Tensor,
  label: Tensor,
  classWeights: readonly number[],
): Pixels {
  const { graph } = logits;
  const perClass = [1, classWeights.length, 1, 1];
  const indices = graph.integers(classWeights.map((_, index) => index));
  const isClass = isEqual(cast(asOneChannel(label), "int64"), reshape(indices, perClass));
  const target = where(isClass, graph.floats(classWeights, perClass), 0);
  const pixelWeight = asOneChannel(sum(target, [CLASS_AXIS]));
  const weight = maximum(sum(pixelWeight, EVERY_AXIS), SMALLEST_WEIGHT);
  return { classWeights, isClass, target, pixelWeight, weight, ...softmax(logits) };
}

/** Softmax over the classes, composed of reductions: the operator itself is slow on an inner axis. */
function softmax(logits: Tensor): Pick<Pixels, "probability" | "logProbability"> {
  const shifted = subtract(logits, asOneChannel(greatest(logits, [CLASS_AXIS])));
  const exponentials = exponential(shifted);
  const sums = asOneChannel(sum(exponentials, [CLASS_AXIS]));
  return {
    logProbability: subtract(shifted, logarithm(sums)),
    probability: divide(exponentials, sums),
  };
}

/** Turns [n, h, w] into [n, 1, h, w]. */
export function asOneChannel(x: Tensor): Tensor {
  const [count, height, width] = x.shape;
  return x.graph.node("Unsqueeze", [x, x.graph.integers([CLASS_AXIS])], {
    shape: [count!, 1, height!, width!],
    type: x.type,
  });
}
