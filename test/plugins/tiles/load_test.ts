// Tiles come back as the numbers that were written, whatever their format.
import assert from "node:assert/strict";
import { fromFile } from "geotiff";
import { StepError } from "../../../engine/plugin.ts";
import type { TileView } from "../../../plugins/prepare/cut/crop.ts";
import { writeTileImage, writeTileMask } from "../../../plugins/prepare/write/tile_files.ts";
import { readTileMask, readTilePixels } from "../../../plugins/tiles/load.ts";
import type { Tile, TilesManifest } from "../../../plugins/tiles/manifest.ts";

const SIZE = 48;
const TILE: Tile = { name: "a_0", source: 0, x: 0, y: 0, split: "train", histogram: [] };

function manifest(bands: number, image: TilesManifest["image"]): TilesManifest {
  return { format: "cairn-tiles/1", tile: SIZE, bands, image, classes: [], sources: [], tiles: [] };
}

async function withTiles(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "cairn_tiles_" });
  try {
    await Deno.mkdir(`${folder}/images`);
    await Deno.mkdir(`${folder}/masks`);
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Smooth, so that JPEG keeps it nearly. */
function pixels(bands: number): Uint8Array {
  return Uint8Array.from({ length: SIZE * SIZE * bands }, (_, index) => {
    const [band, place] = [index % bands, Math.floor(index / bands)];
    return (place % SIZE) * 2 + Math.floor(place / SIZE) + band;
  });
}

function view(bands: number): TileView {
  return { pixels: pixels(bands), rows: SIZE, width: SIZE, bands, x: 0, tile: SIZE };
}

function planes(interleaved: Uint8Array, bands: number): Uint8Array {
  const size = SIZE * SIZE;
  return interleaved.map((_, index) =>
    interleaved[(index % size) * bands + Math.floor(index / size)] ?? 0
  );
}

for (
  const [bands, format] of [[1, "png"], [3, "png"], [4, "png"], [2, "tif"], [13, "tif"]] as const
) {
  Deno.test(`A ${format} tile of ${bands} bands comes back exactly, band after band`, () =>
    withTiles(async (folder) => {
      const path = `${folder}/images/a_0.${format}`;
      await writeTileImage(path, view(bands), { format, tile: SIZE, bands, quality: 95 });
      const read = await readTilePixels(folder, manifest(bands, format), TILE);
      assert.deepEqual(read, planes(pixels(bands), bands));
    }));
}

for (const bands of [1, 3]) {
  Deno.test(`A jpg tile of ${bands} bands comes back nearly`, () =>
    withTiles(async (folder) => {
      const path = `${folder}/images/a_0.jpg`;
      await writeTileImage(path, view(bands), { format: "jpg", tile: SIZE, bands, quality: 95 });
      const read = await readTilePixels(folder, manifest(bands, "jpg"), TILE);
      const expected = planes(pixels(bands), bands);
      assert.equal(read.length, expected.length);
      read.forEach((value, index) => assert.ok(Math.abs(value - (expected[index] ?? NaN)) <= 6));
    }));
}

Deno.test("A mask comes back exactly, places without label included", () =>
  withTiles(async (folder) => {
    const mask = pixels(1).map((value) => value % 7 === 0 ? 255 : value % 5);
    await writeTileMask(`${folder}/masks/a_0.png`, mask, SIZE);
    assert.deepEqual(await readTileMask(folder, manifest(3, "jpg"), TILE), mask);
  }));

Deno.test("A tile of many bands is a TIFF that other programs read", () =>
  withTiles(async (folder) => {
    const path = `${folder}/images/a_0.tif`;
    await writeTileImage(path, view(5), { format: "tif", tile: SIZE, bands: 5, quality: 95 });
    const tiff = await fromFile(path);
    const bands = await (await tiff.getImage()).readRasters();
    tiff.close();
    const expected = planes(pixels(5), 5);
    assert.deepEqual(bands[4], expected.slice(4 * SIZE * SIZE));
  }));

Deno.test("A missing tile and a tile of another size name the file", () =>
  withTiles(async (folder) => {
    const image = manifest(3, "png");
    await assert.rejects(
      readTilePixels(folder, image, TILE),
      (error) => error instanceof StepError && /a_0\.png/.test(error.message),
    );
    await writeTileMask(`${folder}/masks/a_0.png`, new Uint8Array(16 * 16), 16);
    await assert.rejects(
      readTileMask(folder, image, TILE),
      (error) =>
        error instanceof StepError &&
        /holds 256 values, the manifest says 2304/.test(error.message),
    );
  }));
