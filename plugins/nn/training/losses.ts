// Losses on logits and labels, each with its gradient; several make a sum.
import type { Tensor } from "../graph/graph.ts";
import {
  add,
  cast,
  divide,
  exponential,
  isGreater,
  multiply,
  reshape,
  subtract,
  sum,
} from "../graph/operators.ts";
import type { Tape } from "../graph/tape.ts";
import { asOneChannel, CLASS_AXIS, comparePixels, EVERY_AXIS, type Pixels } from "./pixels.ts";

/** The terms of a mean: their sum, and what it is to be divided by. */
export interface LossTerms {
  readonly total: Tensor;
  readonly weight: Tensor;
}

/** A loss by its name. */
export type LossName = "cross-entropy" | "dice" | "focal";

/** What training makes small. */
export interface LossOptions {
  /** The summands. */
  readonly losses: readonly LossName[];
  /** One number per class; a label of a class with weight 0 counts as no label. */
  readonly classWeights: readonly number[];
}

/** One summand: its part of the total, and how the mean changes with the logits. */
interface Summand {
  readonly total: Tensor;
  readonly gradient: () => Tensor;
}

/**
 * Sums losses of logits [n, classes, h, w] and labels uint8 [n, h, w], and hands their gradient to the
 * tape. A label that is no class, such as 255, counts as no label.
 */
export function lossOf(
  logits: Tensor,
  label: Tensor,
  options: LossOptions & { readonly tape?: Tape },
): LossTerms {
  const pixels = comparePixels(logits, label, options.classWeights);
  const summands = options.losses.map((name) => SUMMANDS[name](pixels));
  for (const { gradient } of summands) options.tape?.accumulate(logits, gradient());
  const total = summands.map((summand) => summand.total).reduce((all, next) => add(all, next));
  return { total, weight: pixels.weight };
}

const SUMMANDS: Readonly<Record<LossName, (pixels: Pixels) => Summand>> = {
  "cross-entropy": crossEntropy,
  dice,
  focal,
};

/** As PyTorch's: the mean over pixels of -log p of the labelled class, weighted by class. */
function crossEntropy(pixels: Pixels): Summand {
  const { logProbability, probability, target, pixelWeight, weight } = pixels;
  return {
    total: multiply(sum(multiply(logProbability, target), EVERY_AXIS), -1),
    gradient: () => divide(subtract(multiply(probability, pixelWeight), target), weight),
  };
}

/**
 * Cross-entropy times (1 - p)², p being the probability of the labelled class, so that pixels which are
 * right already count little (Lin et al., "Focal loss for dense object detection", with γ = 2).
 */
function focal({ logProbability, probability, isClass, pixelWeight, weight }: Pixels): Summand {
  const truth = cast(isClass, "float32");
  // Without a label this is 0: the pixel looks right and adds nothing.
  const logRight = asOneChannel(sum(multiply(logProbability, truth), [CLASS_AXIS]));
  const right = exponential(logRight);
  const wrong = add(multiply(right, -1), 1);
  const weighted = multiply(pixelWeight, wrong);
  return {
    total: multiply(sum(multiply(multiply(weighted, wrong), logRight), EVERY_AXIS), -1),
    gradient: () => {
      const slope = subtract(wrong, multiply(multiply(right, logRight), 2));
      const strength = divide(multiply(weighted, slope), weight);
      return multiply(subtract(probability, truth), strength);
    },
  };
}

/** Added above and below, as is usual, so that a class without a pixel divides by no zero. */
const SMOOTHING = 1;

/**
 * The mean over classes of 1 - (2·Σ p·t + 1) / (Σ p + Σ t + 1), with sums over all labelled pixels of the
 * batch and t = 1 where the label is the class. Class weights only leave out the classes of weight 0.
 */
function dice({ classWeights, probability, isClass, pixelWeight, weight }: Pixels): Summand {
  const perClass = [1, classWeights.length, 1, 1];
  const sumPerClass = (x: Tensor): Tensor => reshape(sum(x, [0, 2, 3]), perClass);
  const counting = classWeights.filter((classWeight) => classWeight > 0).length;
  const shares = classWeights.map((classWeight) => classWeight > 0 ? 1 / counting : 0);
  const share = weight.graph.floats(shares, perClass);
  const counts = cast(isGreater(pixelWeight, 0), "float32");
  const truth = multiply(cast(isClass, "float32"), counts);
  const common = add(multiply(sumPerClass(multiply(probability, truth)), 2), SMOOTHING);
  const either = add(sumPerClass(add(multiply(probability, counts), truth)), SMOOTHING);
  const overlap = divide(common, either);
  return {
    total: multiply(sum(subtract(share, multiply(overlap, share)), EVERY_AXIS), weight),
    gradient: () => {
      const scale = divide(share, either);
      const slope = subtract(
        multiply(counts, multiply(overlap, scale)),
        multiply(truth, multiply(scale, 2)),
      );
      const change = multiply(probability, slope);
      return subtract(change, multiply(probability, asOneChannel(sum(change, [CLASS_AXIS]))));
    },
  };
}
