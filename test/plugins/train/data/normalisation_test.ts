// The network's input is normalised by what the training tiles look like.
import assert from "node:assert/strict";
import { readTilePixels } from "../../../../plugins/tiles/load.ts";
import { readManifest } from "../../../../plugins/tiles/manifest.ts";
import { measureNormalisation } from "../../../../plugins/train/data/normalisation.ts";
import { TileSource } from "../../../../plugins/train/data/tile_source.ts";
import { makeTiles } from "../made_up_tiles.ts";

Deno.test("mean and deviation are those of every band over all tiles", async () => {
  await using tiles = await makeTiles({ splits: ["train", "train", "val"] });
  const manifest = await readManifest(tiles.folder);
  const train = manifest.tiles.slice(0, 2);
  const source = new TileSource(tiles.folder, manifest, 0);
  const { signal } = new AbortController();
  const { mean, deviation } = await measureNormalisation(source, train, signal);
  assert.equal(mean.length, 3);
  const area = manifest.tile ** 2;
  for (const band of [0, 1, 2]) {
    const values = (await Promise.all(train.map(async (tile) => {
      const pixels = await readTilePixels(tiles.folder, manifest, tile);
      return [...pixels.subarray(band * area, (band + 1) * area)];
    }))).flat();
    const average = values.reduce((sum, value) => sum + value, 0) / values.length;
    const square = values.reduce((sum, value) => sum + (value - average) ** 2, 0) / values.length;
    assert.ok(Math.abs(mean[band]! - average) < 1e-9);
    assert.ok(Math.abs(deviation[band]! - Math.sqrt(square)) < 1e-9);
  }
});
