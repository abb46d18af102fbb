// Writes an 8-bit tiled TIFF of any size row by row, with overviews: memory holds one row of tiles per
// level. Pixels come first, directories last; BigTIFF where 4 GiB could be too little.
import { promisify } from "node:util";
import { deflate } from "node:zlib";
import { encodeDirectory, encodeHeader, TAG, type Tag } from "../tiff/encode.ts";
import { COMPRESSION } from "../tiff/layout.ts";
import { Level, levelSizes, type Reduce, type Size, TILE } from "./level.ts";

/** A file to write: its size, and what its pixels mean. */
export interface TiledTiff {
  readonly width: number;
  readonly height: number;
  readonly bands: number;
  /** Tags beyond size and storage: colours, place, value of pixels without data. */
  readonly tags: readonly Tag[];
  /** How an overview's pixels are made; there are no overviews without it. */
  readonly reduce: Reduce | undefined;
}

const CLASSIC_LIMIT = 2 ** 32;
const REDUCED_IMAGE = 1;
const PLANAR_SEPARATE = 2;

const pack = promisify(deflate);

/** A file being written; dispose it after `finish`, or instead of it to give up. */
export class TiledTiffWriter implements Disposable {
  readonly #image: TiledTiff;
  readonly #levels: readonly Level[];
  readonly #big: boolean;
  readonly #file: Deno.FsFile;
  #end: number;

  private constructor(image: TiledTiff, file: Deno.FsFile) {
    const sizes: Size[] = image.reduce === undefined ? [image] : levelSizes(image);
    // Deflate makes nothing longer than this.
    const most = sizes.reduce(
      (sum, { width, height }) => sum + (width + TILE) * (height + TILE),
      0,
    );
    this.#big = most * image.bands * 1.01 > CLASSIC_LIMIT;
    this.#image = image;
    this.#levels = sizes.map(({ width, height }) => new Level(width, height, image.bands));
    this.#file = file;
    this.#end = encodeHeader(0, this.#big).length;
  }

  /** Creates the file; fails where there is one already. */
  static async create(path: string, image: TiledTiff): Promise<TiledTiffWriter> {
    const file = await Deno.open(path, { write: true, createNew: true });
    return new TiledTiffWriter(image, file);
  }

  /** Appends whole rows, [bands, rows, width]. */
  async writeRows(pixels: Uint8Array): Promise<void> {
    await this.#append(0, pixels);
  }

  /** Writes the directories, after the last row. */
  async finish(): Promise<void> {
    const start = this.#end + this.#end % 2;
    for (const [index, level] of this.#levels.entries()) {
      this.#end += this.#end % 2;
      const place = {
        at: this.#end,
        last: index === this.#levels.length - 1,
        big: this.#big,
      };
      await this.#write(encodeDirectory(this.#tags(level, index), place));
    }
    await this.#file.seek(0, Deno.SeekMode.Start);
    await writeAll(this.#file, encodeHeader(start, this.#big));
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }

  async #append(index: number, pixels: Uint8Array): Promise<void> {
    const level = this.#levels[index];
    if (level === undefined) return;
    for (let row = 0; row < level.rowsIn(pixels);) {
      row += level.fill(pixels, row);
      if (!level.isFull) continue;
      const tiles = await Promise.all(level.tiles().map((tile) => pack(tile)));
      for (const tile of tiles) level.place(await this.#write(tile), tile.length);
      const { reduce } = this.#image;
      if (reduce !== undefined) await this.#append(index + 1, level.reduced(reduce));
      level.startRow();
    }
  }

  /** Appends bytes to the file; gives where they lie. */
  async #write(bytes: Uint8Array): Promise<number> {
    const at = this.#end;
    await this.#file.seek(at, Deno.SeekMode.Start);
    await writeAll(this.#file, bytes);
    this.#end += bytes.length;
    return at;
  }

  #tags(level: Level, index: number): Tag[] {
    const { bands, tags } = this.#image;
    const each = (value: number, count = bands): number[] =>
      Array.from({ length: count }, () => value);
    const size = this.#big ? "long64" : "long";
    const { offsets, counts } = level.byBand();
    return [
      ...(index === 0 ? tags : tags.filter(({ id }) => !PLACE_TAGS.includes(id))),
      { id: TAG.subfile, type: "long", values: [index === 0 ? 0 : REDUCED_IMAGE] },
      { id: TAG.width, type: "long", values: [level.width] },
      { id: TAG.height, type: "long", values: [level.height] },
      { id: TAG.bits, type: "short", values: each(8) },
      { id: TAG.compression, type: "short", values: [COMPRESSION.deflate] },
      { id: TAG.bands, type: "short", values: [bands] },
      ...(bands === 1 ? [] : [
        { id: TAG.planar, type: "short" as const, values: [PLANAR_SEPARATE] },
        { id: TAG.extraSamples, type: "short" as const, values: each(0, bands - 1) },
      ]),
      { id: TAG.tileWidth, type: "long", values: [TILE] },
      { id: TAG.tileHeight, type: "long", values: [TILE] },
      { id: TAG.tileOffsets, type: size, values: offsets },
      { id: TAG.tileCounts, type: size, values: counts },
    ];
  }
}

/** What overviews take from the image itself. */
const PLACE_TAGS: readonly number[] = [
  TAG.pixelScale,
  TAG.tiepoint,
  TAG.transformation,
  TAG.geoKeys,
  TAG.geoDoubles,
  TAG.geoText,
  TAG.gdalMetadata,
];

async function writeAll(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length;) done += await file.write(bytes.subarray(done));
}
