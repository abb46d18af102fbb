// Makes small tiles with a house and a pond at random places, which a tiny network learns in seconds.
import { NO_LABEL, type Split } from "../../../plugins/tiles/manifest.ts";
import { seededRandom } from "../../../plugins/random.ts";
import { type DrawnTile, writeColorTiles } from "../../support/color_tiles.ts";

/** A temporary tiles folder; dispose it to remove it. */
export interface MadeUpTiles extends AsyncDisposable {
  readonly folder: string;
}

/** Writes tiles of 16 pixels (unless said) in three classes; `splits` gives one tile each. */
export async function makeTiles(
  options: {
    readonly splits: readonly Split[];
    readonly tile?: number;
    readonly labelled?: boolean;
  },
): Promise<MadeUpTiles> {
  const { splits, tile = 16, labelled = true } = options;
  const folder = await Deno.makeTempDir({ prefix: "cairn_tiles_" });
  const drawn = splits.map((split, index) => {
    const shown = landscape(tile, index);
    return {
      name: `tile_${index}`,
      split,
      shown,
      labelled: (x: number, y: number) => labelled && x + y > 0 ? shown(x, y) : NO_LABEL,
    };
  });
  await writeColorTiles(folder, drawn, tile);
  return { folder, [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }) };
}

/** Class 1 and class 2 each fill a square at a random place on class 0. */
function landscape(edge: number, seed: number): DrawnTile["shown"] {
  const random = seededRandom(seed);
  const size = edge * 0.4;
  const squares = [1, 2].map((land) => ({
    land,
    left: random() * (edge - size),
    top: random() * (edge - size),
  }));
  return (x, y) =>
    squares.findLast(({ left, top }) => x >= left && x < left + size && y >= top && y < top + size)
      ?.land ?? 0;
}
