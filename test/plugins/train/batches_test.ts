// Which tiles a batch holds, and that image and mask stay together.
import assert from "node:assert/strict";
import { readTileMask, readTilePixels } from "../../../plugins/tiles/load.ts";
import { readManifest, type Tile } from "../../../plugins/tiles/manifest.ts";
import { loadBatches, planEpoch, planInOrder } from "../../../plugins/train/batches.ts";
import { TileSource } from "../../../plugins/train/tile_source.ts";
import { makeTiles } from "./made_up_tiles.ts";

const tilesNamed = (count: number): Tile[] =>
  Array.from({ length: count }, (_, index) => ({
    name: `${index}`,
    source: 0,
    x: 0,
    y: 0,
    split: "train",
    histogram: [],
  }));

const plan = { batch: 4, seed: 1, epoch: 1, augment: true } as const;

Deno.test("an epoch shows every tile, in full batches", () => {
  const batches = planEpoch(tilesNamed(10), plan);
  assert.deepEqual(batches.map((views) => views.length), [4, 4, 4]);
  const shown = batches.flat().map(({ tile }) => tile.name);
  assert.equal(new Set(shown.slice(0, 10)).size, 10);
  assert.deepEqual(shown.slice(10), shown.slice(0, 2));
});

Deno.test("the order depends on seed and epoch and on nothing else", () => {
  const tiles = tilesNamed(20);
  assert.deepEqual(planEpoch(tiles, plan), planEpoch(tiles, plan));
  assert.notDeepEqual(planEpoch(tiles, plan), planEpoch(tiles, { ...plan, epoch: 2 }));
  assert.notDeepEqual(planEpoch(tiles, plan), planEpoch(tiles, { ...plan, seed: 2 }));
});

Deno.test("tiles are flipped in all four ways, and not at all without augment", () => {
  const ways = (augment: boolean): Set<string> =>
    new Set(
      planEpoch(tilesNamed(64), { ...plan, augment }).flat()
        .map(({ flipX, flipY }) => `${flipX} ${flipY}`),
    );
  assert.equal(ways(true).size, 4);
  assert.deepEqual([...ways(false)], ["false false"]);
});

Deno.test("validation goes through the tiles in order, with a smaller last batch", () => {
  const batches = planInOrder(tilesNamed(5), 2);
  assert.deepEqual(
    batches.map((views) => views.map(({ tile }) => tile.name)),
    [["0", "1"], ["2", "3"], ["4"]],
  );
});

Deno.test("a flip turns image and mask alike", async () => {
  await using tiles = await makeTiles({ splits: ["train", "train"] });
  const manifest = await readManifest(tiles.folder);
  const source = new TileSource(tiles.folder, manifest, 0);
  assert.equal(source.keeps, false);
  const [first, second] = manifest.tiles as [Tile, Tile];
  const views = [
    { tile: first, flipX: true, flipY: false },
    { tile: second, flipX: false, flipY: true },
  ];
  const batches = await Array.fromAsync(loadBatches(source, [views]));
  const edge = manifest.tile;
  const expected = async (
    read: typeof readTilePixels,
    place: (tile: Tile, x: number, y: number) => number,
  ): Promise<number[]> => {
    const parts = await Promise.all([first, second].map(async (tile) => {
      const planes = await read(tiles.folder, manifest, tile);
      return Array.from(planes, (_, at) => {
        const [x, y, plane] = [at % edge, Math.floor(at / edge) % edge, Math.floor(at / edge ** 2)];
        return planes[plane * edge ** 2 + place(tile, x, y)]!;
      });
    }));
    return parts.flat();
  };
  const place = (tile: Tile, x: number, y: number): number =>
    tile === first ? y * edge + (edge - 1 - x) : (edge - 1 - y) * edge + x;
  assert.equal(batches.length, 1);
  assert.deepEqual([...batches[0]!.image], await expected(readTilePixels, place));
  assert.deepEqual([...batches[0]!.label], await expected(readTileMask, place));
});

Deno.test("tiles that fit are decoded once", async () => {
  await using tiles = await makeTiles({ splits: ["train"] });
  const manifest = await readManifest(tiles.folder);
  const source = new TileSource(tiles.folder, manifest, 2 ** 20);
  const [tile] = manifest.tiles as [Tile];
  assert.equal(await source.load(tile), await source.load(tile));
});

Deno.test("a tile that cannot be read fails the batch that holds it", async () => {
  await using tiles = await makeTiles({ splits: ["train", "train", "train"] });
  const manifest = await readManifest(tiles.folder);
  await Deno.remove(`${tiles.folder}/masks/tile_2.png`);
  const source = new TileSource(tiles.folder, manifest, 0);
  const loading = loadBatches(source, planInOrder(manifest.tiles, 1));
  assert.equal((await loading.next()).done, false);
  assert.equal((await loading.next()).done, false);
  await assert.rejects(loading.next(), /Cannot read tile .*tile_2/);
});
