// Which tiles a batch holds, and that image and mask stay together.
import assert from "node:assert/strict";
import { readTileMask, readTilePixels } from "../../../../plugins/tiles/load.ts";
import { readManifest, type Tile } from "../../../../plugins/tiles/manifest.ts";
import { loadBatches } from "../../../../plugins/train/data/batches.ts";
import {
  type Augmentation,
  planEpoch,
  planInOrder,
  type View,
} from "../../../../plugins/train/data/views.ts";
import { TileSource } from "../../../../plugins/train/data/tile_source.ts";
import { makeTiles } from "../made_up_tiles.ts";

const tilesNamed = (count: number): Tile[] =>
  Array.from({ length: count }, (_, index) => ({
    name: `${index}`,
    source: 0,
    x: 0,
    y: 0,
    split: "train",
    histogram: [],
  }));

const NOTHING: Augmentation = { flip: false, turn: false, light: false, crop: false };
const plan = { batch: 4, seed: 1, epoch: 1, augment: { ...NOTHING, flip: true } } as const;

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

/** The different ways in which many tiles are turned and flipped. */
function ways(augment: Partial<Augmentation>): Set<string> {
  const views = planEpoch(tilesNamed(256), { ...plan, augment: { ...NOTHING, ...augment } }).flat();
  return new Set(views.map(({ transposed, flipX, flipY }) => `${transposed} ${flipX} ${flipY}`));
}

Deno.test("tiles are flipped and turned in all ways that are asked for", () => {
  assert.equal(ways({ flip: true }).size, 4);
  assert.equal(ways({ flip: true, turn: true }).size, 8);
  assert.deepEqual(
    ways({ turn: true }),
    new Set(["false false false", "true true false", "false true true", "true false true"]),
  );
  assert.deepEqual([...ways({ light: true, crop: true })], ["false false false"]);
});

Deno.test("light and crop vary from tile to tile, where asked for", () => {
  const views = (augment: Partial<Augmentation>): View[] =>
    planEpoch(tilesNamed(256), { ...plan, augment: { ...NOTHING, ...augment } }).flat();
  const lights = views({ light: true }).map(({ light }) => light?.contrast ?? 0);
  assert.ok(new Set(lights).size > 200);
  assert.ok(lights.every((contrast) => contrast >= 0.8 && contrast <= 1.2));
  const crops = views({ crop: true }).flatMap(({ crop }) => crop ?? []);
  assert.ok(crops.length > 100 && crops.length < 156);
  assert.ok(crops.every(({ left, top, edge }) => left >= 0 && Math.max(left, top) + edge <= 1));
  assert.ok(views({ flip: true, turn: true }).every(({ light, crop }) => !light && !crop));
});

Deno.test("validation goes through the tiles in order, with a smaller last batch", () => {
  const batches = planInOrder(tilesNamed(5), 2);
  assert.deepEqual(
    batches.map((views) => views.map(({ tile }) => tile.name)),
    [["0", "1"], ["2", "3"], ["4"]],
  );
});

Deno.test("flips and transpositions move image and mask alike", async () => {
  await using tiles = await makeTiles({ splits: ["train", "train"] });
  const manifest = await readManifest(tiles.folder);
  const source = new TileSource(tiles.folder, manifest, 0);
  assert.equal(source.keeps, false);
  const [first, second] = manifest.tiles as [Tile, Tile];
  const views = [
    { tile: first, transposed: false, flipX: true, flipY: false },
    { tile: second, transposed: true, flipX: false, flipY: true },
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
    tile === first ? y * edge + (edge - 1 - x) : x * edge + (edge - 1 - y);
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
