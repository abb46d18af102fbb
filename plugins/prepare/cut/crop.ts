// Tiles as they lie in rows of an image, and the copying of one out of them.

/** A tile in rows of an image; it may reach over their right and lower edge. */
export interface TileView {
  /** Shape [rows, width, bands]. */
  readonly pixels: Uint8Array;
  readonly rows: number;
  readonly width: number;
  readonly bands: number;
  /** Column at which the tile starts; it starts with the first row. */
  readonly x: number;
  /** Edge of the tile. */
  readonly tile: number;
}

/** Says whether all of a tile lies in its rows. */
export function isInside({ rows, width, x, tile }: TileView): boolean {
  return rows >= tile && x + tile <= width;
}

/** Copies a tile, [tile, tile, bands]; `fill` stands for what lies outside. */
export function crop(view: TileView, fill: number): Uint8Array {
  const { pixels, rows, width, bands, x, tile } = view;
  const copied = new Uint8Array(tile * tile * bands);
  if (fill !== 0 && !isInside(view)) copied.fill(fill);
  const columns = Math.min(tile, width - x);
  for (let y = 0; y < Math.min(rows, tile); y++) {
    const from = (y * width + x) * bands;
    copied.set(pixels.subarray(from, from + columns * bands), y * tile * bands);
  }
  return copied;
}
