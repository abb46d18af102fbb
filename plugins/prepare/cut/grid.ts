// Where tiles lie in an image.

/** What becomes of tiles that reach over the right or lower edge. */
export type EdgePolicy = "drop" | "pad" | "shift";

/** The upper left corner of a tile and its number in the image. */
export interface TileWindow {
  readonly x: number;
  readonly y: number;
  /** Counts row by row from 0, left-out tiles included, as LandCover.ai's tiles are numbered. */
  readonly index: number;
}

export interface Grid {
  readonly width: number;
  readonly height: number;
  readonly tile: number;
  readonly stride: number;
  readonly edge: EdgePolicy;
}

/** Rows of windows from top to bottom; windows of one row share their y. */
export function tileRows(grid: Grid): TileWindow[][] {
  const columns = starts(grid.width, grid);
  const numbered = Math.ceil(grid.width / grid.stride);
  return starts(grid.height, grid).map(({ at: y, index: row }) =>
    columns.map(({ at: x, index: column }) => ({ x, y, index: row * numbered + column }))
  ).filter((row) => row.length > 0);
}

/** Starts along one side. An image smaller than a tile is filled up where tiles are moved inside. */
function starts(
  side: number,
  { tile, stride, edge }: Grid,
): { readonly at: number; readonly index: number }[] {
  const found: { at: number; index: number }[] = [];
  for (let [at, index] = [0, 0]; at < side; at += stride, index++) {
    if (at + tile <= side) {
      found.push({ at, index });
      continue;
    }
    // Beyond a tile that reaches the edge nothing new is left to cover.
    const covered = index > 0 && at - stride + tile >= side;
    if (edge === "drop" || covered) break;
    found.push({ at: edge === "shift" ? Math.max(0, side - tile) : at, index });
  }
  return found;
}
