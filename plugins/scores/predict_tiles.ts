// Runs a model over tiles, one batch on the network while the next one is decoded.
import { StepError } from "../../engine/plugin.ts";
import type { ModelCard } from "../nn/model_artifact.ts";
import type { Predictor } from "../nn/predictor.ts";
import { readTileMask, readTilePixels } from "../tiles/load.ts";
import type { Split, Tile, TilesManifest } from "../tiles/manifest.ts";

/** A tile with everything known about it. */
export interface PredictedTile {
  readonly tile: Tile;
  /** Planar [bands, tile, tile], 0-255. */
  readonly pixels: Uint8Array;
  /** Class indices [tile, tile], NO_LABEL where nothing is known. */
  readonly truth: Uint8Array;
  /** Class indices [tile, tile]. */
  readonly prediction: Uint8Array;
}

/** A tiles folder with its manifest. */
export interface TilesFolder {
  readonly path: string;
  readonly manifest: TilesManifest;
}

/** Throws StepError unless the model was trained for such tiles: same classes in order, same bands. */
export function requireFit(card: ModelCard, manifest: TilesManifest): void {
  const known = card.classes.map(({ name }) => name);
  const found = manifest.classes.map(({ name }) => name);
  if (JSON.stringify(known) !== JSON.stringify(found)) {
    throw new StepError(
      `The model knows the classes ${quoted(known)}, the tiles have ${quoted(found)}`,
      { hint: "Use the tiles that the model was trained on, or train a model on these tiles" },
    );
  }
  if (card.architecture.bands !== manifest.bands) {
    throw new StepError(
      `The model takes images with ${card.architecture.bands} bands, ` +
        `the tiles have ${manifest.bands}`,
      { hint: "Prepare the tiles with the bands of the training tiles, or train a new model" },
    );
  }
}

/** Gives the tiles of a split; throws StepError where there is none. */
export function tilesOf(manifest: TilesManifest, split: Split): Tile[] {
  const tiles = manifest.tiles.filter((tile) => tile.split === split);
  if (tiles.length > 0) return tiles;
  const filled = [...new Set(manifest.tiles.map((tile) => tile.split))];
  throw new StepError(`The split "${split}" holds no tiles`, {
    hint: filled.length === 0
      ? "Check what the prepare step found"
      : `Choose split ${quoted(filled)}, or give "${split}" a share in the prepare step`,
  });
}

/** Predicts tiles in their order; stops where `signal` is aborted. */
export async function* predictTiles(
  folder: TilesFolder,
  tiles: readonly Tile[],
  options: { readonly predictor: Predictor; readonly batch: number; readonly signal: AbortSignal },
): AsyncGenerator<PredictedTile> {
  const { predictor, batch, signal } = options;
  const load = (from: number): Promise<LoadedTile[]> => {
    const loading = Promise.all(tiles.slice(from, from + batch).map((tile) => read(folder, tile)));
    // Awaited one turn later; until then a failure must not count as unhandled.
    loading.catch(() => {});
    return loading;
  };
  let next = load(0);
  for (let at = 0; at < tiles.length; at += batch) {
    const loaded = await next;
    signal.throwIfAborted();
    next = load(at + batch);
    yield* await predict(loaded, predictor, folder.manifest.tile);
  }
}

type LoadedTile = Omit<PredictedTile, "prediction">;

async function read({ path, manifest }: TilesFolder, tile: Tile): Promise<LoadedTile> {
  const [pixels, truth] = await Promise.all([
    readTilePixels(path, manifest, tile),
    readTileMask(path, manifest, tile),
  ]);
  return { tile, pixels, truth };
}

async function predict(
  loaded: readonly LoadedTile[],
  predictor: Predictor,
  edge: number,
): Promise<PredictedTile[]> {
  const size = loaded[0]?.pixels.length ?? 0;
  const pixels = new Uint8Array(size * loaded.length);
  loaded.forEach((each, index) => pixels.set(each.pixels, index * size));
  const shape = { count: loaded.length, height: edge, width: edge };
  const classes = await predictor.predict(pixels, shape);
  return loaded.map((each, index) => ({
    ...each,
    prediction: classes.subarray(index * edge ** 2, (index + 1) * edge ** 2),
  }));
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(", ");
}
