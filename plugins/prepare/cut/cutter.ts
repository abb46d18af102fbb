// Cuts decoded rows into tiles, leaves out the empty ones and keeps count while the others are written.
import type { Samples } from "../../geo/tiff/samples.ts";
import { NO_LABEL, type Tile } from "../../tiles/manifest.ts";
import { Lanes, type TileFormat, writeTileImage, writeTileMask } from "../write/tile_files.ts";
import { crop, type TileView } from "./crop.ts";
import type { TileWindow } from "./grid.ts";
import type { Labeller } from "./labels.ts";
import type { PixelReader } from "./pixels.ts";

/** A tile before it has been given to a split. */
export type CutTile = Omit<Tile, "source" | "split">;

/** Rows of the image and the mask under one row of tiles. */
export interface Row {
  readonly windows: readonly TileWindow[];
  readonly y: number;
  readonly rows: number;
  readonly samples: Samples;
  readonly maskSamples: Samples;
}

interface CutterOptions {
  /** What tile names start with. */
  readonly name: string;
  /** Folder with images/ and masks/ to fill. */
  readonly folder: string;
  readonly format: TileFormat;
  /** Number of classes. */
  readonly classes: number;
  /** Fraction of pixels without data from which on a tile is left out. */
  readonly skipFrom: number;
  /** Names of the tiles to keep; all where it is undefined. */
  readonly wanted: ReadonlySet<string> | undefined;
  /** Tiles that may be written at the same time. */
  readonly lanes: number;
}

/** How rows become pixels and labels. */
export interface Decoders {
  readonly pixels: PixelReader;
  readonly labeller: Labeller;
  readonly width: number;
}

/** Collects the tiles of one source while they are written. */
export class Cutter {
  readonly tiles: CutTile[] = [];
  /** Tiles left out because they have no data or no label. */
  empty = 0;
  readonly #options: CutterOptions;
  readonly #lanes: Lanes;

  constructor(options: CutterOptions) {
    this.#options = options;
    this.#lanes = new Lanes(options.lanes);
  }

  /** Cuts a row of tiles and starts writing them. */
  async cut(row: Row, { pixels, labeller, width }: Decoders): Promise<void> {
    const { name: source, wanted, classes, skipFrom, format: { bands, tile } } = this.#options;
    const values = pixels.toPixels(row.samples);
    const labels = labeller(row.maskSamples, row.y);
    const emptyPixels = pixels.emptyPixels(row.samples);
    for (const window of row.windows) {
      const name = `${source}_${window.index}`;
      if (wanted?.has(name) === false) continue;
      const frame = { x: window.x, width, rows: row.rows, tile, bands: 1 };
      const mask = crop({ ...frame, pixels: labels }, NO_LABEL);
      const histogram = count(mask, classes);
      const empty = emptyPixels && crop({ ...frame, pixels: emptyPixels }, 1);
      if (isEmpty(histogram, empty, skipFrom)) {
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

  /** Waits until all tiles are written. */
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
    return `${this.#options.folder}/images/${name}.${this.#options.format.format}`;
  }

  #maskPath(name: string): string {
    return `${this.#options.folder}/masks/${name}.png`;
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
  for (let at = 0; at < empty.length; at++) without += empty[at] ?? 0;
  return without >= limit * empty.length;
}
