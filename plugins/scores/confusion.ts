// The confusion matrix and the scores that follow from it; shared by `train` (validation) and `test`.
import { NO_LABEL } from "../tiles/manifest.ts";

/** Pixel counts by true class (row) and predicted class (column); pixels without a label are left out. */
export class ConfusionMatrix {
  /** Row-major [classes, classes]. */
  readonly counts: Float64Array;

  constructor(readonly classes: number) {
    this.counts = new Float64Array(classes * classes);
  }

  /** Adds pixels; both arrays hold class indices of the same pixels, truth may hold NO_LABEL. */
  add(truth: Uint8Array, predicted: Uint8Array): void {
    const { classes, counts } = this;
    for (let at = 0; at < truth.length; at++) {
      const row = truth[at]!;
      if (row === NO_LABEL) continue;
      const cell = row * classes + predicted[at]!;
      counts[cell] = counts[cell]! + 1;
    }
  }

  /** Pixels of a true class (`row`), of a predicted class (`column`), and of both (`hit`). */
  totals(index: number): { readonly row: number; readonly column: number; readonly hit: number } {
    let row = 0;
    let column = 0;
    for (let other = 0; other < this.classes; other++) {
      row += this.counts[index * this.classes + other]!;
      column += this.counts[other * this.classes + index]!;
    }
    return { row, column, hit: this.counts[index * this.classes + index]! };
  }
}

/** Intersection over union per class; null where a class occurs neither in truth nor in prediction. */
export function intersectionOverUnion(matrix: ConfusionMatrix): (number | null)[] {
  return Array.from({ length: matrix.classes }, (_, index) => {
    const { row, column, hit } = matrix.totals(index);
    const union = row + column - hit;
    return union === 0 ? null : hit / union;
  });
}

/** Mean of the values that exist; 0 where none does. */
export function meanOfKnown(values: readonly (number | null)[]): number {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? 0 : known.reduce((sum, value) => sum + value, 0) / known.length;
}
