// From folders of images and masks to a tiles artifact, and what is said when they do not fit.
import assert from "node:assert/strict";
import sharp from "sharp";
import { StepError } from "../../../engine/plugin.ts";
import { encodeGeoTiff } from "../../../plugins/geo/write_geotiff.ts";
import { preparePlugin } from "../../../plugins/prepare/plugin.ts";
import { readTileMask, readTilePixels } from "../../../plugins/tiles/load.ts";
import { NO_LABEL, readManifest, type TilesManifest } from "../../../plugins/tiles/manifest.ts";
import { type PluginRun, runPlugin } from "../../support/run_plugin.ts";

const CLASSES = ["land", "water", "road"];

/** A folder with images/ and masks/ that a test fills. */
class Folder implements AsyncDisposable {
  #pairs = 0;

  private constructor(readonly path: string) {}

  static async make(): Promise<Folder> {
    const path = await Deno.makeTempDir({ prefix: "cairn_prepare_" });
    await Deno.mkdir(`${path}/images`);
    await Deno.mkdir(`${path}/masks`);
    return new Folder(path);
  }

  /** Writes a photo whose pixels say where they are, and a mask that `label` draws. */
  async pair(
    name: string,
    [width, height]: readonly [number, number],
    label: (x: number, y: number) => number = () => 0,
  ): Promise<void> {
    // Each lies somewhere else, so no two images are the same.
    const origin = [1000 + 1000 * this.#pairs++, 2000] as const;
    const place = { epsg: 2180, origin, resolution: 0.5, width, height } as const;
    const rgb = Uint8Array.from({ length: width * height * 3 }, (_, index) => {
      const pixel = Math.floor(index / 3);
      return [pixel % width, Math.floor(pixel / width), 77][index % 3] ?? 0;
    });
    const mask = Uint8Array.from(
      { length: width * height },
      (_, pixel) => label(pixel % width, Math.floor(pixel / width)),
    );
    await this.write(`images/${name}`, encodeGeoTiff({ ...place, bands: 3, data: rgb }));
    await this.write(`masks/${name}`, encodeGeoTiff({ ...place, bands: 1, data: mask }));
  }

  async write(name: string, bytes: Uint8Array): Promise<void> {
    await Deno.writeFile(`${this.path}/${name}`, bytes);
  }

  run(config: Record<string, unknown>): Promise<PluginRun> {
    const inputs = { source: this.path };
    return runPlugin(preparePlugin, { config: { tile: 32, classes: CLASSES, ...config }, inputs });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.path, { recursive: true });
  }
}

async function failure(run: Promise<PluginRun>): Promise<StepError> {
  let error: unknown;
  await run.then((done) => done[Symbol.asyncDispose](), (thrown) => error = thrown);
  assert.ok(error instanceof StepError, String(error));
  return error;
}

function names({ tiles }: TilesManifest): string[] {
  return tiles.map(({ name }) => name);
}

Deno.test("Tiles hold the pixels and labels of their windows, and say where they come from", async () => {
  await using folder = await Folder.make();
  await folder.pair("scene.tif", [70, 64], (x) => x < 40 ? 0 : 1);
  await using run = await folder.run({ format: "png" });
  const output = run.outputs["tiles"] ?? "";
  const manifest = await readManifest(output);

  assert.deepEqual(names(manifest), ["scene_0", "scene_1", "scene_3", "scene_4"]);
  assert.deepEqual(manifest.sources, [{
    name: "scene.tif",
    width: 70,
    height: 64,
    crs: "EPSG:2180",
    geotransform: [1000, 0.5, 0, 2000, 0, -0.5],
  }]);
  const last = manifest.tiles[3];
  assert.ok(last !== undefined);
  assert.deepEqual([last.x, last.y, last.histogram], [32, 32, [8 * 32, 24 * 32, 0]]);
  const pixels = await readTilePixels(output, manifest, last);
  assert.deepEqual([pixels[0], pixels[32 * 32], pixels[2 * 32 * 32]], [32, 32, 77]);
  const mask = await readTileMask(output, manifest, last);
  assert.deepEqual([mask[7], mask[8]], [0, 1]);
});

Deno.test("Pixels that fill up an edge tile are black and have no label", async () => {
  await using folder = await Folder.make();
  await folder.pair("scene.tif", [40, 20]);
  await using run = await folder.run({ format: "png", edge: "pad" });
  const output = run.outputs["tiles"] ?? "";
  const manifest = await readManifest(output);
  assert.deepEqual(manifest.tiles.map(({ histogram }) => histogram), [[640, 0, 0], [160, 0, 0]]);
  const [, second] = manifest.tiles;
  assert.ok(second !== undefined);
  const mask = await readTileMask(output, manifest, second);
  assert.deepEqual([mask[7], mask[8], mask[20 * 32]], [0, NO_LABEL, NO_LABEL]);
  const pixels = await readTilePixels(output, manifest, second);
  assert.deepEqual([pixels[7], pixels[8]], [39, 0]);
});

Deno.test("Values and colours become classes by the table, and none means no label", async () => {
  await using folder = await Folder.make();
  await folder.pair("scene.tif", [32, 32], (x) => x < 10 ? 5 : x < 20 ? 9 : 200);
  const labels = { 5: "road", 9: "water", 200: "none" };
  await using byValue = await folder.run({ labels });
  const manifest = await readManifest(byValue.outputs["tiles"] ?? "");
  assert.deepEqual(manifest.tiles[0]?.histogram, [0, 320, 320]);

  const colors = Uint8Array.from({ length: 32 * 32 * 3 }, (_, index) => {
    const water = Math.floor(index / 3) % 32 < 3;
    return (water ? [0, 0, 255] : [255, 128, 0])[index % 3] ?? 0;
  });
  const image = sharp(colors, { raw: { width: 32, height: 32, channels: 3 } });
  await Deno.remove(`${folder.path}/masks/scene.tif`);
  await image.png().toFile(`${folder.path}/masks/scene.png`);
  await using byColor = await folder.run({ labels: { "#0000FF": "water", "#ff8000": "road" } });
  const colored = await readManifest(byColor.outputs["tiles"] ?? "");
  assert.deepEqual(colored.tiles[0]?.histogram, [0, 96, 928]);
});

Deno.test("A mask of three equal bands counts as one band", async () => {
  await using folder = await Folder.make();
  await folder.pair("scene.tif", [32, 32]);
  const data = new Uint8Array(32 * 32 * 3).fill(2);
  const place = { epsg: 2180, origin: [0, 0], resolution: 1, width: 32, height: 32 } as const;
  await folder.write("masks/scene.tif", encodeGeoTiff({ ...place, bands: 3, data }));
  await using run = await folder.run({});
  const manifest = await readManifest(run.outputs["tiles"] ?? "");
  assert.deepEqual(manifest.tiles[0]?.histogram, [0, 0, 1024]);
  data[5] = 1;
  await folder.write("masks/scene.tif", encodeGeoTiff({ ...place, bands: 3, data }));
  assert.match((await failure(folder.run({}))).message, /3 bands that differ/);
});

Deno.test("No source image lies in two splits, and the lists say the same as the manifest", async () => {
  await using folder = await Folder.make();
  for (let scene = 0; scene < 9; scene++) await folder.pair(`scene${scene}.tif`, [64, 32]);
  await using run = await folder.run({});
  const output = run.outputs["tiles"] ?? "";
  const { tiles } = await readManifest(output);
  for (const source of tiles.map((tile) => tile.source)) {
    const splits = new Set(
      tiles.filter((tile) => tile.source === source).map(({ split }) => split),
    );
    assert.equal(splits.size, 1);
  }
  for (const split of ["train", "val", "test"] as const) {
    const list = (await Deno.readTextFile(`${output}/${split}.txt`)).trimEnd().split("\n");
    assert.deepEqual(list, tiles.filter((tile) => tile.split === split).map(({ name }) => name));
  }
});

Deno.test("Images of one group stay together", async () => {
  await using folder = await Folder.make();
  for (const name of ["t1_a", "t1_b", "t2_a", "t2_b", "t3_a", "t3_b"]) {
    await folder.pair(`${name}.tif`, [32, 32]);
  }
  await using run = await folder.run({ group: "^(t\\d)_" });
  const { tiles } = await readManifest(run.outputs["tiles"] ?? "");
  const pairs = new Map(tiles.map(({ name, split }) => [name, split]));
  for (const group of ["t1", "t2", "t3"]) {
    assert.equal(pairs.get(`${group}_a_0`), pairs.get(`${group}_b_0`));
  }
});

Deno.test("Lists decide which tiles are made and where they go", async () => {
  await using folder = await Folder.make();
  await folder.pair("scene.tif", [96, 32]);
  const lists = `${folder.path}/lists`;
  await Deno.mkdir(lists);
  await Deno.writeTextFile(`${lists}/train.txt`, "scene_2\nother_7\n");
  await Deno.writeTextFile(`${lists}/test.txt`, "scene_0\n");
  await using run = await folder.run({ lists, "on-leak": "warn" });
  const refused = await failure(folder.run({ lists }));
  assert.match(
    refused.message,
    /leaks from one into the other: "scene\.tif" is in train and test$/,
  );
  const { tiles } = await readManifest(run.outputs["tiles"] ?? "");
  assert.deepEqual(tiles.map(({ name, split }) => [name, split]), [
    ["scene_0", "test"],
    ["scene_2", "train"],
  ]);
  assert.ok(run.warnings.some((text) => /1 listed tiles do not exist.*"other_7"/.test(text)));
});

Deno.test("The same seed gives the same bytes", async () => {
  await using folder = await Folder.make();
  for (let scene = 0; scene < 3; scene++) await folder.pair(`scene${scene}.tif`, [64, 64]);
  await using first = await folder.run({});
  await using second = await folder.run({});
  for (const name of ["tiles.json", "train.txt", "images/scene1_2.jpg", "masks/scene1_2.png"]) {
    const [one, other] = [first, second].map(({ outputs }) => `${outputs["tiles"]}/${name}`);
    assert.deepEqual(await Deno.readFile(one ?? ""), await Deno.readFile(other ?? ""));
  }
});

Deno.test("Tiles without data are left out", async () => {
  await using folder = await Folder.make();
  await folder.pair("scene.tif", [64, 32]);
  const gray = Uint8Array.from({ length: 64 * 32 }, (_, pixel) => pixel % 64 < 40 ? 10 : 255);
  await Deno.remove(`${folder.path}/images/scene.tif`);
  await sharp(gray, { raw: { width: 64, height: 32, channels: 1 } }).png()
    .toFile(`${folder.path}/images/scene.png`);
  await using all = await folder.run({ nodata: 10 });
  assert.deepEqual(names(await readManifest(all.outputs["tiles"] ?? "")), ["scene_1"]);
  const error = await failure(folder.run({ nodata: 10, "skip-nodata": 0.2 }));
  assert.match(error.message, /No tile came out/);
});

Deno.test("16-bit images need a scale, and the message proposes one", async () => {
  await using folder = await Folder.make();
  await folder.pair("scene.tif", [32, 32]);
  const deep = Uint16Array.from({ length: 32 * 32 * 3 }, (_, index) => 100 + index % 1901);
  await sharp(deep, { raw: { width: 32, height: 32, channels: 3 } }).toColourspace("rgb16")
    .tiff({ compression: "none" }).toFile(`${folder.path}/images/scene.tif`);
  const error = await failure(folder.run({}));
  assert.match(error.message, /16-bit whole numbers, but tiles have 8 bits/);
  assert.match(error.hint ?? "", /scale: \[100, 2000\]/);
  await using run = await folder.run({ scale: [100, 2000], bands: [1], format: "png" });
  const output = run.outputs["tiles"] ?? "";
  const manifest = await readManifest(output);
  const [tile] = manifest.tiles;
  assert.ok(tile !== undefined);
  const pixels = await readTilePixels(output, manifest, tile);
  assert.equal(pixels[300], Math.round(900 / 1900 * 255));
});

Deno.test("An unknown label names value, file and place", async () => {
  await using folder = await Folder.make();
  await folder.pair("scene.tif", [64, 64], (x, y) => x === 41 && y === 50 ? 7 : 0);
  const error = await failure(folder.run({}));
  assert.match(
    error.message,
    /^Mask ".*masks\/scene\.tif" has value 7 at column 41, row 50, which stands for no class$/,
  );
});

Deno.test("Images without mask and pairs of unequal size are named", async () => {
  await using folder = await Folder.make();
  await folder.pair("scene.tif", [64, 64]);
  await folder.pair("other.tif", [32, 32]);
  await Deno.rename(`${folder.path}/masks/other.tif`, `${folder.path}/masks/scene.tif`);
  assert.match((await failure(folder.run({}))).message, /There is no mask for ".*other\.tif"/);
  await Deno.remove(`${folder.path}/images/other.tif`);
  assert.match((await failure(folder.run({}))).message, /has 64x64 pixels, but its mask .* 32x32/);
});

Deno.test("Bad files are left out with a warning where that is asked for, leaving no tile", async () => {
  await using folder = await Folder.make();
  for (const name of ["a", "b", "c"]) await folder.pair(`${name}.tif`, [64, 64]);
  await folder.pair("late.tif", [64, 96], (_, y) => y < 80 ? 0 : 9);
  await folder.write("images/broken.tif", new Uint8Array([1, 2, 3]));
  await folder.write("masks/broken.tif", new Uint8Array([1, 2, 3]));
  await using run = await folder.run({ "on-bad-file": "skip" });
  const output = run.outputs["tiles"] ?? "";
  const { tiles } = await readManifest(output);
  assert.equal(tiles.length, 12);
  assert.equal(run.warnings.length, 2);
  const files = [...Deno.readDirSync(`${output}/images`)].map(({ name }) => name);
  assert.deepEqual(files.sort(), tiles.map(({ name }) => `${name}.jpg`).sort());
});

Deno.test("Suffixes are stripped to match names", async () => {
  await using folder = await Folder.make();
  await folder.pair("scene_rgb.tif", [32, 32]);
  await Deno.rename(`${folder.path}/masks/scene_rgb.tif`, `${folder.path}/masks/scene_m.tif`);
  await using run = await folder.run({ "image-suffix": "_rgb", "mask-suffix": "_m" });
  assert.deepEqual(names(await readManifest(run.outputs["tiles"] ?? "")), ["scene_0"]);
});

Deno.test("Folders and the input cannot both be given, nor neither", async () => {
  await using folder = await Folder.make();
  const both = folder.run({ images: `${folder.path}/images`, masks: `${folder.path}/masks` });
  assert.match((await failure(both)).message, /^Both the input "source" and the folders/);
  const neither = runPlugin(preparePlugin, { config: {} });
  assert.match((await failure(neither)).message, /^There is nothing to cut/);
});

Deno.test("A cancelled run stops with the reason of the signal", async () => {
  await using folder = await Folder.make();
  await folder.pair("scene.tif", [64, 64]);
  const reason = new Error("cancelled");
  const run = runPlugin(preparePlugin, {
    config: { tile: 32, classes: CLASSES },
    inputs: { source: folder.path },
    signal: AbortSignal.abort(reason),
  });
  await assert.rejects(run, reason);
});
