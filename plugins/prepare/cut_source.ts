// Cuts one image and its mask into tiles, row of tiles by row of tiles, while the row before is written.
import { StepError } from "../../engine/plugin.ts";
import { openRaster, type Raster } from "../geo/raster.ts";
import type { Samples } from "../geo/tiff_samples.ts";
import { NO_LABEL, type Source, type Tile } from "../tiles/manifest.ts";
import { tileRows, type TileWindow } from "./grid.ts";
import { type Labeller, makeLabeller } from "./labels.ts";
import type { PrepareOptions } from "./options.ts";
import type { Pair } from "./pairs.ts";
import { crop, type TileView } from "./crop.ts";
import { makePixelReader, type PixelReader } from "./pixels.ts";
import { Lanes, type TileFormat, writeTileImage, writeTileMask } from "./tile_files.ts";

/** A tile before it has been given to a split. */
export type CutTile = Omit<Tile, "source" | "split">;

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
  const pixels = await makePixelReader(options, image, pair.image);
  const format = settings.formatFor(pixels.bands, pair.image);
  requireRowsFit(pair, image, options.tile);
  const labeller = makeLabeller(options, mask, pair.mask);
  const cutter = new Cutter({ pair, settings, format });
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

function requireRowsFit(pair: Pair, image: Raster, tile: number): void {
  const bytes = image.width * tile * image.bands * Math.max(1, image.bits / 8);
  if (bytes <= LARGEST_ROWS) return;
  const mebi = Math.round(bytes / 2 ** 20);
  throw new StepError(`A row of tiles of "${pair.image}" takes ${mebi} MiB, the limit is 512 MiB`, {
    hint: "Cut the image into narrower ones, or choose a smaller tile",
  });
}

/** Rows of the image and the mask under one row of tiles. */
interface Row {
  readonly windows: readonly TileWindow[];
  readonly y: number;
  readonly rows: number;
  readonly samples: Samples;
  readonly maskSamples: Samples;
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

interface CutterOptions {
  readonly pair: Pair;
  readonly settings: CutSettings;
  readonly format: TileFormat;
}

interface Decoders {
  readonly pixels: PixelReader;
  readonly labeller: Labeller;
  readonly width: number;
}

/** Collects the tiles of one source while they are written. */
class Cutter {
  readonly tiles: CutTile[] = [];
  empty = 0;
  readonly #options: CutterOptions;
  readonly #lanes: Lanes;

  constructor(options: CutterOptions) {
    this.#options = options;
    this.#lanes = new Lanes(options.settings.lanes);
  }

  async cut(row: Row, { pixels, labeller, width }: Decoders): Promise<void> {
    const { pair, settings, format: { bands, tile } } = this.#options;
    const values = pixels.toPixels(row.samples);
    const labels = labeller(row.maskSamples, row.y);
    const emptyPixels = pixels.emptyPixels(row.samples);
    for (const window of row.windows) {
      const name = `${pair.name}_${window.index}`;
      if (settings.wanted?.has(name) === false) continue;
      const frame = { x: window.x, width, rows: row.rows, tile, bands: 1 };
      const mask = crop({ ...frame, pixels: labels }, NO_LABEL);
      const histogram = count(mask, settings.options.classes.length);
      const empty = emptyPixels && crop({ ...frame, pixels: emptyPixels }, 1);
      if (isEmpty(histogram, empty, settings.options["skip-nodata"])) {
        this.empty++;
        continue;
      }
      this.tiles.push({ name, x: window.x, y: row.y, histogram });
      const image = { ...frame, pixels: values, bands };
      await this.#lanes.start(() => this.#write(name, image, mask));
    }
  }

  async #write(name: string, image: TileView, mask: Uint8Array): Promise<void> {
    const { format } = this.#options;
    await writeTileImage(this.#imagePath(name), image, format);
    await writeTileMask(this.#maskPath(name), mask, format.tile);
  }

  async finish(): Promise<void> {
    await this.#lanes.finish();
  }

  /** Removes what has been written of a source that turned out to be unusable. */
  async discard(): Promise<void> {
    await this.#lanes.finish().catch(() => {});
    const paths = this.tiles.flatMap(({ name }) => [this.#imagePath(name), this.#maskPath(name)]);
    await Promise.all(paths.map((path) => Deno.remove(path).catch(() => {})));
  }

  #imagePath(name: string): string {
    return `${this.#options.settings.folder}/images/${name}.${this.#options.format.format}`;
  }

  #maskPath(name: string): string {
    return `${this.#options.settings.folder}/masks/${name}.png`;
  }
}

function count(mask: Uint8Array, classes: number): number[] {
  const all = new Uint32Array(256);
  // By index: iterating over a typed array takes ten times as long.
  for (let at = 0; at < mask.length; at++) {
    const label = mask[at] ?? 0;
    all[label] = (all[label] ?? 0) + 1;
  }
  return [...all.subarray(0, classes)];
}

function isEmpty(
  histogram: readonly number[],
  empty: Uint8Array | undefined,
  limit: number,
): boolean {
  if (histogram.every((pixels) => pixels === 0)) return true;
  if (empty === undefined) return false;
  let without = 0;
  for (const value of empty) without += value;
  return without >= limit * empty.length;
}
