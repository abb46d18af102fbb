// One resolution of a tiled TIFF being written: the row of tiles that is being filled, and where those
// before it lie in the file.

/** Edge of a tile, pixels; even, so that a row of tiles gives whole rows of the next overview. */
export const TILE = 256;

/** Makes one pixel of four: north-west, north-east, south-west, south-east. */
export type Reduce = (a: number, b: number, c: number, d: number) => number;

/** A size in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Sizes of an image and its overviews, which halve it until it fits into one tile. */
export function levelSizes({ width, height }: Size): Size[] {
  if (Math.max(width, height) <= TILE) return [{ width, height }];
  const half = { width: Math.ceil(width / 2), height: Math.ceil(height / 2) };
  return [{ width, height }, ...levelSizes(half)];
}

/** The image itself or an overview. */
export class Level implements Size {
  readonly width: number;
  readonly height: number;
  readonly #bands: number;
  /** Shape [bands, TILE, width]. */
  readonly #rows: Uint8Array;
  #filled = 0;
  #written = 0;
  readonly #placed: { readonly offset: number; readonly count: number }[] = [];

  constructor(width: number, height: number, bands: number) {
    this.width = width;
    this.height = height;
    this.#bands = bands;
    this.#rows = new Uint8Array(bands * TILE * width);
  }

  /** Says that a row of tiles is complete. */
  get isFull(): boolean {
    return this.#filled === TILE || this.#written + this.#filled === this.height;
  }

  /** Number of rows in pixels of shape [bands, rows, width]. */
  rowsIn(pixels: Uint8Array): number {
    return pixels.length / (this.width * this.#bands);
  }

  /** Takes rows from `first` on, as many as there is room for; gives their number. */
  fill(pixels: Uint8Array, first: number): number {
    const { width } = this;
    const rows = this.rowsIn(pixels);
    const taken = Math.min(TILE - this.#filled, rows - first);
    for (let band = 0; band < this.#bands; band++) {
      const from = (band * rows + first) * width;
      const part = pixels.subarray(from, from + taken * width);
      this.#rows.set(part, (band * TILE + this.#filled) * width);
    }
    this.#filled += taken;
    return taken;
  }

  /** Cuts the row into tiles, band after band; beyond the image they hold 0. */
  tiles(): Uint8Array[] {
    const across = Math.ceil(this.width / TILE);
    return Array.from({ length: this.#bands * across }, (_, index) => {
      const [band, column] = [Math.floor(index / across), index % across];
      const tile = new Uint8Array(TILE * TILE);
      for (let y = 0; y < this.#filled; y++) {
        const row = (band * TILE + y) * this.width;
        const end = Math.min((column + 1) * TILE, this.width);
        tile.set(this.#rows.subarray(row + column * TILE, row + end), y * TILE);
      }
      return tile;
    });
  }

  /** Notes where a tile was written, in the order of `tiles`. */
  place(offset: number, count: number): void {
    this.#placed.push({ offset, count });
  }

  /** Halves the row, [bands, half the rows, half the width]; odd edges count double. */
  reduced(reduce: Reduce): Uint8Array {
    const [width, height] = [Math.ceil(this.width / 2), Math.ceil(this.#filled / 2)];
    const half = new Uint8Array(this.#bands * height * width);
    for (let band = 0, to = 0; band < this.#bands; band++) {
      for (let y = 0; y < height; y++) {
        const above = (band * TILE + 2 * y) * this.width;
        const below = 2 * y + 1 < this.#filled ? above + this.width : above;
        for (let x = 0; x < width; x++, to++) {
          const [west, east] = [2 * x, Math.min(2 * x + 1, this.width - 1)];
          half[to] = reduce(
            this.#rows[above + west]!,
            this.#rows[above + east]!,
            this.#rows[below + west]!,
            this.#rows[below + east]!,
          );
        }
      }
    }
    return half;
  }

  /** Begins the next row of tiles. */
  startRow(): void {
    this.#written += this.#filled;
    this.#filled = 0;
  }

  /** Places of all tiles as TIFF orders them: all of the first band, then all of the second. */
  byBand(): { readonly offsets: number[]; readonly counts: number[] } {
    const across = Math.ceil(this.width / TILE);
    const sorted = Array.from(
      { length: this.#bands },
      (_, band) =>
        this.#placed.filter((_, index) => Math.floor(index / across) % this.#bands === band),
    ).flat();
    return {
      offsets: sorted.map(({ offset }) => offset),
      counts: sorted.map(({ count }) => count),
    };
  }
}
