// Adds up what overlapping windows say about each pixel, and hands out the rows that no later window
// reaches. Logits are averaged: a weighted geometric mean of the windows' probabilities.
import type { Logits } from "../../nn/predictor.ts";

/** One window's place in the sum. */
export interface BlendPlace {
  /** Which of the images in the logits. */
  readonly index: number;
  /** First column. */
  readonly x: number;
  /** Weight of each column of the window. */
  readonly columns: Float32Array;
  /** Weight of each row of the window. */
  readonly rows: Float32Array;
}

/** The size of the sum. */
export interface BlendShape {
  readonly classes: number;
  /** Rows of a window. */
  readonly rows: number;
  /** Columns of the image. */
  readonly width: number;
}

/** The running sum over one row of windows and what they share with the next row of them. */
export class Blend {
  readonly #shape: BlendShape;
  /** Shape [classes, rows, width]. */
  readonly #sum: Float32Array;

  constructor(shape: BlendShape) {
    this.#shape = shape;
    this.#sum = new Float32Array(shape.classes * shape.rows * shape.width);
  }

  /** Adds a window whose first row is the sum's first row. */
  add(logits: Logits, { index, x, columns, rows }: BlendPlace): void {
    const { classes, rows: height, width } = this.#shape;
    for (let land = 0; land < classes; land++) {
      const plane = (index * classes + land) * logits.rows;
      for (let y = 0; y < rows.length; y++) {
        const weight = rows[y]!;
        const from = (plane + y) * logits.columns;
        const to = (land * height + y) * width + x;
        for (let column = 0; column < columns.length; column++) {
          this.#sum[to + column]! += weight * columns[column]! * logits.data[from + column]!;
        }
      }
    }
  }

  /** Class with the greatest mean logit, [rows, width], of the first rows. */
  classes(rows: number): Uint8Array {
    const { classes, rows: height, width } = this.#shape;
    const best = this.#sum.slice(0, rows * width);
    const chosen = new Uint8Array(rows * width);
    for (let land = 1; land < classes; land++) {
      const plane = land * height * width;
      for (let at = 0; at < chosen.length; at++) {
        const logit = this.#sum[plane + at]!;
        if (logit <= best[at]!) continue;
        best[at] = logit;
        chosen[at] = land;
      }
    }
    return chosen;
  }

  /** Probabilities (softmax of the mean logits) from 0 to 1 of the first rows, [classes, rows, width]. */
  probabilities(rows: number): Float32Array {
    const { classes, rows: height, width } = this.#shape;
    const size = rows * width;
    const values = new Float32Array(classes * size);
    for (let at = 0; at < size; at++) {
      let greatest = -Infinity;
      for (let land = 0; land < classes; land++) {
        greatest = Math.max(greatest, this.#sum[land * height * width + at]!);
      }
      let total = 0;
      for (let land = 0; land < classes; land++) {
        const power = Math.exp(this.#sum[land * height * width + at]! - greatest);
        values[land * size + at] = power;
        total += power;
      }
      for (let land = 0; land < classes; land++) values[land * size + at]! /= total;
    }
    return values;
  }

  /** Forgets the first rows: the next row becomes the sum's first. */
  drop(rows: number): void {
    const { classes, rows: height, width } = this.#shape;
    for (let land = 0; land < classes; land++) {
      const plane = this.#sum.subarray(land * height * width, (land + 1) * height * width);
      plane.copyWithin(0, rows * width);
      plane.fill(0, (height - rows) * width);
    }
  }
}
