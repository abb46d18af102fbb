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
    const best = this.#plane(0, rows).slice();
    const chosen = new Uint8Array(best.length);
    for (let land = 1; land < this.#shape.classes; land++) {
      const plane = this.#plane(land, rows);
      for (let at = 0; at < best.length; at++) {
        if (plane[at]! <= best[at]!) continue;
        best[at] = plane[at]!;
        chosen[at] = land;
      }
    }
    return chosen;
  }

  /** Probabilities (softmax of the mean logits) of the classes, 0 to 1, [classes, rows, width], of the first rows. */
  probabilities(rows: number, chosen: Uint8Array): Float32Array {
    const { classes, rows: height, width } = this.#shape;
    const size = rows * width;
    const values = new Float32Array(classes * size);
    const totals = new Float32Array(size);
    for (let land = 0; land < classes; land++) {
      const plane = this.#plane(land, rows);
      for (let at = 0; at < size; at++) {
        // The greatest logit is taken off first: powers of it could be too large for a number.
        const power = Math.exp(plane[at]! - this.#sum[chosen[at]! * height * width + at]!);
        values[land * size + at] = power;
        totals[at]! += power;
      }
    }
    for (let at = 0, pixel = 0; at < values.length; at++, pixel++) {
      if (pixel === size) pixel = 0;
      values[at]! /= totals[pixel]!;
    }
    return values;
  }

  /** Forgets the first rows: the next row becomes the sum's first. */
  drop(rows: number): void {
    const { classes, rows: height, width } = this.#shape;
    for (let land = 0; land < classes; land++) {
      const plane = this.#plane(land, height);
      plane.copyWithin(0, rows * width);
      plane.fill(0, (height - rows) * width);
    }
  }
  /** The first rows of one class. */
  #plane(land: number, rows: number): Float32Array {
    const { rows: height, width } = this.#shape;
    return this.#sum.subarray(land * height * width, (land * height + rows) * width);
  }
}
