// From a confusion matrix to precision, recall, F1 and IoU, by scikit-learn's definitions.
import { type ConfusionMatrix, meanOfKnown } from "./confusion.ts";

/** The four scores of a class, or of several averaged; all 0 to 1. */
export interface Quality<Value = number> {
  readonly precision: Value;
  readonly recall: Value;
  readonly f1: Value;
  readonly iou: Value;
}

/** A class's scores, null where it occurs neither in truth nor in prediction. */
export interface ClassScores extends Quality<number | null> {
  /** Pixels of the class in the truth. */
  readonly support: number;
}

/** What a confusion matrix says at a glance. */
export interface Summary {
  /** Share of labelled pixels that got their class. */
  readonly accuracy: number;
  /** Every class that occurs counts the same. */
  readonly macro: Quality;
  /** Every class counts by its support. */
  readonly weighted: Quality;
}

/**
 * Scores each class as `precision_recall_fscore_support` and `jaccard_score` do with
 * `zero_division=0`: a class never predicted has precision 0, one without support recall 0.
 */
export function classScores(matrix: ConfusionMatrix): ClassScores[] {
  return Array.from({ length: matrix.classes }, (_, index) => {
    const { row, column, hit } = matrix.totals(index);
    if (row + column === 0) {
      return { precision: null, recall: null, f1: null, iou: null, support: 0 };
    }
    return {
      precision: column === 0 ? 0 : hit / column,
      recall: row === 0 ? 0 : hit / row,
      f1: (2 * hit) / (row + column),
      iou: hit / (row + column - hit),
      support: row,
    };
  });
}

/**
 * Averages over classes. Those that occur nowhere are left out, as in scikit-learn without `labels`.
 * The matrix must hold at least one pixel.
 */
export function summarise(matrix: ConfusionMatrix): Summary {
  const classes = classScores(matrix);
  const pixels = classes.reduce((sum, { support }) => sum + support, 0);
  const hits = classes.reduce((sum, _, index) => sum + matrix.totals(index).hit, 0);
  const average = (mean: (values: readonly (number | null)[]) => number): Quality => ({
    precision: mean(classes.map((each) => each.precision)),
    recall: mean(classes.map((each) => each.recall)),
    f1: mean(classes.map((each) => each.f1)),
    iou: mean(classes.map((each) => each.iou)),
  });
  const bySupport = (values: readonly (number | null)[]): number =>
    values.reduce<number>((sum, value, index) => sum + (value ?? 0) * classes[index]!.support, 0) /
    pixels;
  return { accuracy: hits / pixels, macro: average(meanOfKnown), weighted: average(bySupport) };
}
