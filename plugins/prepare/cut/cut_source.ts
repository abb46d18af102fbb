// Cuts one image and its mask into tiles, row of tiles by row of tiles, while the row before is written.
import { StepError } from "../../../engine/plugin.ts";
import { openRaster, type Raster } from "../../geo/raster.ts";
import type { Source } from "../../tiles/manifest.ts";
import type { PrepareOptions } from "../options.ts";
import type { Pair } from "../pairs.ts";
import type { TileFormat } from "../write/tile_files.ts";
import { Cutter, type CutTile, type Row } from "./cutter.ts";
import { tileRows } from "./grid.ts";
import { makeLabeller } from "./labels.ts";
import { makePixelReader } from "./pixels.ts";

/** What all sources have in common. */
export interface CutSettings {
  readonly options: PrepareOptions;
  /** Folder with images/ and masks/ to fill. */
  readonly folder: string;
  readonly scratch: string;
  /** Tiles that may be written at the same time. */
  readonly lanes: number;
  /** Names of the tiles to keep; all where it is undefined. */
  readonly wanted: ReadonlySet<string> | undefined;
  readonly signal: AbortSignal;
  /** Says how the tiles of an image with so many bands are kept; throws StepError where they cannot be. */
  formatFor(bands: number, path: string): TileFormat;
  /** Hears what part of the source is done, from 0 to 1. */
  onProgress(part: number): void;
}

/** What became of a source. */
export interface CutSource {
  readonly source: Source;
  readonly tiles: readonly CutTile[];
  /** Tiles left out because they have no data or no label. */
  readonly empty: number;
}

/** Cuts a source; throws StepError, leaving no tile of it, where a file cannot be used. */
export async function cutSource(pair: Pair, settings: CutSettings): Promise<CutSource> {
  using image = await openRaster(pair.image, settings.scratch);
  using mask = await openRaster(pair.mask, settings.scratch);
  requireEqualSize(pair, image, mask);
  const { options } = settings;
  requireRowsFit(pair.image, image, options.tile);
  requireRowsFit(pair.mask, mask, options.tile);
  const pixels = await makePixelReader(options, image, pair.image);
  const format = settings.formatFor(pixels.bands, pair.image);
  const labeller = makeLabeller(options, mask, pair.mask);
  const cutter = new Cutter({
    name: pair.name,
    folder: settings.folder,
    format,
    classes: options.classes.length,
    skipFrom: options["skip-nodata"],
    wanted: settings.wanted,
    lanes: settings.lanes,
  });
  try {
    for await (const row of readRows({ image, mask, settings })) {
      await cutter.cut(row, { pixels, labeller, width: image.width });
    }
    await cutter.finish();
  } catch (error) {
    await cutter.discard();
    throw error;
  }
  return {
    source: {
      name: pair.file,
      width: image.width,
      height: image.height,
      crs: image.crs ?? mask.crs,
      geotransform: image.geotransform ?? mask.geotransform,
    },
    tiles: cutter.tiles,
    empty: cutter.empty,
  };
}

const LARGEST_ROWS = 512 * 2 ** 20;

function requireEqualSize(pair: Pair, image: Raster, mask: Raster): void {
  if (image.width === mask.width && image.height === mask.height) return;
  throw new StepError(
    `Image "${pair.image}" has ${image.width}x${image.height} pixels, ` +
      `but its mask "${pair.mask}" has ${mask.width}x${mask.height}`,
    { hint: "Bring both to the same grid, for instance with gdalwarp -ts" },
  );
}

function requireRowsFit(path: string, raster: Raster, tile: number): void {
  const bytes = raster.width * tile * raster.bands * Math.max(1, raster.bits / 8);
  if (bytes <= LARGEST_ROWS) return;
  const mebi = Math.round(bytes / 2 ** 20);
  throw new StepError(`A row of tiles of "${path}" takes ${mebi} MiB, the limit is 512 MiB`, {
    hint: "Cut the image into narrower ones, or choose a smaller tile",
  });
}

interface Reading {
  readonly image: Raster;
  readonly mask: Raster;
  readonly settings: CutSettings;
}

/** Reads ahead by one row of tiles, so that reading and writing overlap. */
async function* readRows({ image, mask, settings }: Reading): AsyncGenerator<Row> {
  const { tile, stride = tile, edge } = settings.options;
  const { width, height } = image;
  const rows = tileRows({ width, height, tile, stride, edge });
  const read = async (index: number): Promise<Row | undefined> => {
    const windows = rows[index];
    if (windows === undefined) return undefined;
    const y = windows[0]?.y ?? 0;
    const count = Math.min(tile, height - y);
    const samples = await image.readRows(y, count);
    return { windows, y, rows: count, samples, maskSamples: await mask.readRows(y, count) };
  };
  let ahead = read(0);
  for (let index = 0;; index++) {
    const row = await ahead;
    if (row === undefined) return;
    settings.signal.throwIfAborted();
    ahead = read(index + 1);
    ahead.catch(() => {}); // thrown when it is awaited, or of no interest after another failure
    yield row;
    settings.onProgress((index + 1) / rows.length);
  }
}
