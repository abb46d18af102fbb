// Counts predictions tile by tile and turns the counts into the scores artifact.
import { classScores, summarise } from "./class_scores.ts";
import { ConfusionMatrix, intersectionOverUnion, meanOfKnown } from "./confusion.ts";
import type { Scores, TileScore } from "./scores.ts";
import type { LandClass, Split } from "../tiles/manifest.ts";

/** Everything counted so far. */
export class Tally {
  readonly #total: ConfusionMatrix;
  readonly #tiles: TileScore[] = [];

  constructor(readonly classes: readonly LandClass[]) {
    this.#total = new ConfusionMatrix(classes.length);
  }

  /** Adds a tile; both arrays hold class indices of the same pixels, truth may hold NO_LABEL. */
  add(name: string, truth: Uint8Array, prediction: Uint8Array): void {
    const matrix = new ConfusionMatrix(this.classes.length);
    matrix.add(truth, prediction);
    matrix.counts.forEach((count, cell) => this.#total.counts[cell]! += count);
    this.#tiles.push({ name, ...scoreTile(matrix) });
  }

  /** Gives the scores; undefined where no pixel has a label. */
  scores(split: Split): Scores | undefined {
    const total = this.#total;
    const pixels = sum(total.counts);
    if (pixels === 0) return undefined;
    const rows = classScores(total);
    return {
      format: "cairn-scores/1",
      split,
      pixels,
      ...summarise(total),
      classes: this.classes.map(({ name, color }, index) => ({ name, color, ...rows[index]! })),
      confusion: this.classes.map((_, row) =>
        Array.from(total.counts.subarray(row * total.classes, (row + 1) * total.classes))
      ),
      tiles: this.#tiles,
    };
  }
}

/** Scores one tile; null where no pixel has a label. */
export function scoreTile(matrix: ConfusionMatrix): Omit<TileScore, "name"> {
  const pixels = sum(matrix.counts);
  if (pixels === 0) return { accuracy: null, meanIou: null };
  const hits = matrix.counts.filter((_, cell) => cell % (matrix.classes + 1) === 0);
  return { accuracy: sum(hits) / pixels, meanIou: meanOfKnown(intersectionOverUnion(matrix)) };
}

function sum(counts: Float64Array): number {
  return counts.reduce((total, count) => total + count, 0);
}
