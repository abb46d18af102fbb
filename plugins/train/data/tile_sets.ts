// Decides which tiles train and which validate, and refuses what no network could learn from.
import { StepError } from "../../../engine/plugin.ts";
import type { Tile, TilesManifest } from "../../tiles/manifest.ts";

/** Disjoint tiles. */
export interface TileSets {
  readonly train: readonly Tile[];
  readonly val: readonly Tile[];
}

/** Without a validation split, one training tile in so many is held out. */
const HELD_OUT_ONE_IN = 8;

/** Chooses the tiles; throws StepError where training is not possible. */
export function chooseTiles(
  manifest: TilesManifest,
  options: { readonly depth: number; readonly warn: (message: string) => void },
): TileSets {
  requireMultiple(manifest.tile, options.depth);
  const train = manifest.tiles.filter(({ split }) => split === "train");
  const val = manifest.tiles.filter(({ split }) => split === "val");
  if (train.length === 0) {
    throw new StepError('The split "train" holds no tiles', {
      hint: 'Give "train" a share in the split of the prepare step',
    });
  }
  if (!train.some(isLabelled)) {
    throw new StepError("No pixel of the training tiles has a label", {
      hint: "Check the masks and the table of classes in the prepare step",
    });
  }
  return val.some(isLabelled) ? { train, val } : holdOut(train, options.warn);
}

function holdOut(tiles: readonly Tile[], warn: (message: string) => void): TileSets {
  const isHeldOut = (index: number): boolean => index % HELD_OUT_ONE_IN === 1;
  const val = tiles.filter((_, index) => isHeldOut(index));
  if (!val.some(isLabelled)) {
    throw new StepError(
      'The split "val" holds no labelled tiles, and too few train to hold some out',
      {
        hint: 'Give "val" a share in the split of the prepare step, or prepare more tiles',
      },
    );
  }
  warn(
    `The split "val" holds no labelled tiles: ${val.length} of ${tiles.length} training tiles validate ` +
      'instead, which flatters the scores; give "val" a share in the prepare step',
  );
  return { train: tiles.filter((_, index) => !isHeldOut(index)), val };
}

function requireMultiple(tile: number, depth: number): void {
  const multiple = 2 ** depth;
  if (tile % multiple === 0) return;
  const deepest = Array.from({ length: depth }, (_, less) => depth - 1 - less)
    .find((possible) => tile % 2 ** possible === 0);
  const nearest = Math.max(1, Math.round(tile / multiple)) * multiple;
  const shallower = deepest === undefined || deepest === 0 ? "" : ` or depth ${deepest} here`;
  throw new StepError(
    `Tiles of ${tile} pixels cannot be halved ${depth} times: ` +
      `depth ${depth} wants a multiple of ${multiple}`,
    { hint: `Use tile ${nearest} in the prepare step${shallower}` },
  );
}

/** Throws StepError where the smallest feature maps of a batch hold one value, which has no deviation. */
export function requireSpread(batch: number, tile: number, depth: number): void {
  const values = batch * (tile / 2 ** depth) ** 2;
  if (values > 1) return;
  throw new StepError(
    `Batch ${batch} leaves one value per channel after halving tiles of ${tile} pixels ${depth} times`,
    { hint: `Raise "batch" to 2 or lower "depth" to ${depth - 1}` },
  );
}

function isLabelled(tile: Tile): boolean {
  return tile.histogram.some((pixels) => pixels > 0);
}
