// Losses on logits and labels, each with its gradient.
import type { Tensor } from "../graph/graph.ts";
import type { Tape } from "../graph/tape.ts";
import {
  cast,
  divide,
  exponential,
  greatest,
  isEqual,
  logarithm,
  maximum,
  multiply,
  reshape,
  subtract,
  sum,
  where,
} from "../graph/operators.ts";

/** The terms of a mean: their sum, and what it is to be divided by. */
export interface LossTerms {
  readonly total: Tensor;
  readonly weight: Tensor;
}

/** Divides the loss of a batch without any label, which is zero. */
const SMALLEST_WEIGHT = 1e-12;
const CLASS_AXIS = 1;
const EVERY_AXIS = [0, 1, 2, 3];

/**
 * Cross-entropy of logits [n, classes, h, w] and labels uint8 [n, h, w], as PyTorch's: the weighted mean
 * over the pixels whose label is a class. Any other label, such as 255, counts as no label.
 */
export function crossEntropy(
  logits: Tensor,
  label: Tensor,
  options: { readonly classWeights: readonly number[]; readonly tape?: Tape },
): LossTerms {
  const { graph } = logits;
  const classes = options.classWeights.length;
  const perClass = [1, classes, 1, 1];
  const indices = graph.integers(Array.from({ length: classes }, (_, index) => index));
  const isClass = isEqual(cast(asOneChannel(label), "int64"), reshape(indices, perClass));
  const target = where(isClass, graph.floats(options.classWeights, perClass), 0);
  const pixelWeight = asOneChannel(sum(target, [CLASS_AXIS]));
  const weight = maximum(sum(pixelWeight, EVERY_AXIS), SMALLEST_WEIGHT);
  const { logProbability, probability } = softmax(logits);
  const total = multiply(sum(multiply(logProbability, target), EVERY_AXIS), -1);
  options.tape?.accumulate(
    logits,
    divide(subtract(multiply(probability, pixelWeight), target), weight),
  );
  return { total, weight };
}

/** Softmax over the classes, composed of reductions: the operator itself is slow on an inner axis. */
function softmax(
  logits: Tensor,
): { readonly logProbability: Tensor; readonly probability: Tensor } {
  const shifted = subtract(logits, asOneChannel(greatest(logits, [CLASS_AXIS])));
  const exponentials = exponential(shifted);
  const sums = asOneChannel(sum(exponentials, [CLASS_AXIS]));
  return {
    logProbability: subtract(shifted, logarithm(sums)),
    probability: divide(exponentials, sums),
  };
}

/** Turns [n, h, w] into [n, 1, h, w]. */
function asOneChannel(x: Tensor): Tensor {
  const [count, height, width] = x.shape;
  return x.graph.node("Unsqueeze", [x, x.graph.integers([CLASS_AXIS])], {
    shape: [count!, 1, height!, width!],
    type: x.type,
  });
}
