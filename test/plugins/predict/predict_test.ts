// The predict step with a model of colours, whose answer for each pixel is known.
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { fromFile } from "geotiff";
import sharp from "sharp";
import { openRaster } from "../../../plugins/geo/raster.ts";
import { predictPlugin } from "../../../plugins/predict/plugin.ts";
import { NO_LABEL } from "../../../plugins/tiles/manifest.ts";
import { threeClasses } from "../../support/color_tiles.ts";
import { type PluginRun, runPlugin } from "../../support/run_plugin.ts";
import {
  colorsOf,
  makeFolder,
  makePicture,
  predict,
  readMap,
  refused,
  RESOLUTION,
} from "./support.ts";

const SIZES = [[100, 75], [64, 33], [20, 90], [9, 5], [1, 1]] as const;
const WINDOWS = [
  { window: 32, overlap: 0 },
  { window: 32, overlap: 0.25, batch: 3 },
  { window: 17, overlap: 12 },
  { window: 200, overlap: 0.5 },
];

for (const [width, height] of SIZES) {
  Deno.test(`each of ${width}x${height} pixels gets its class, whatever the windows`, async () => {
    await using folder = await makeFolder();
    const picture = makePicture(width, height);
    const images = await folder.write("photo", picture);
    for (const config of WINDOWS) {
      await using run = await predict(folder, { images, ...config });
      assert.deepEqual(await readMap(run, "photo"), [...picture.classes], JSON.stringify(config));
    }
  });
}

Deno.test("pixels without data are 255 in the map and count nowhere", async () => {
  await using folder = await makeFolder();
  const picture = makePicture(90, 80, 50);
  const images = await folder.write("photo", picture);
  const config = { images, nodata: 0, window: 20, probabilities: true, polygons: true };
  await using run = await predict(folder, config);
  assert.deepEqual(await readMap(run, "photo"), [...picture.classes]);
  using probabilities = await openRaster(
    `${run.outputs["maps"]}/photo_probabilities.tif`,
    folder.path,
  );
  assert.equal(probabilities.noData, NO_LABEL);
  const expected = [...picture.classes].flatMap((land) =>
    [0, 1, 2].map((band) => land === NO_LABEL ? NO_LABEL : band === land ? 250 : 0)
  );
  assert.deepEqual([...await probabilities.readRows(0, 80)], expected);
  const { images: [summary] } = await readSummary(run);
  assert.equal(summary!.noData, 50 * 50);
});

interface Summary {
  readonly images: readonly {
    readonly noData: number;
    readonly classes: readonly {
      readonly name: string;
      readonly pixels: number;
      readonly area: number;
    }[];
  }[];
}

async function readSummary(run: PluginRun): Promise<Summary> {
  // Its members are checked where they are used.
  return JSON.parse(await Deno.readTextFile(`${run.outputs["maps"]}/summary.json`)) as Summary;
}

interface Collection {
  readonly crs: { readonly properties: { readonly name: string } };
  readonly features: readonly {
    readonly properties: { readonly class: string; readonly area_m2: number };
  }[];
}

async function readPolygons(run: PluginRun, name: string): Promise<Collection> {
  // Its members are checked where they are used.
  return JSON.parse(
    await Deno.readTextFile(`${run.outputs["maps"]}/${name}.geojson`),
  ) as Collection;
}

Deno.test("polygons add up to the areas of the classes, and specks can be left out", async () => {
  await using folder = await makeFolder();
  const picture = makePicture(90, 80, 50);
  const images = await folder.write("photo", picture);
  const config = { images, nodata: 0, window: 32, polygons: true };
  await using all = await predict(folder, config);
  const { crs, features } = await readPolygons(all, "photo");
  assert.equal(crs.properties.name, "urn:ogc:def:crs:EPSG::2180");
  const [summary] = (await readSummary(all)).images;
  threeClasses.forEach(({ name }, land) => {
    const areas = features.filter(({ properties }) => properties.class === name)
      .map(({ properties }) => properties.area_m2);
    const pixels = picture.classes.filter((value) => value === land).length;
    assert.equal(areas.reduce((sum, area) => sum + area, 0), pixels * RESOLUTION ** 2);
    assert.deepEqual(summary!.classes[land]!.area, pixels * RESOLUTION ** 2);
  });
  await using large = await predict(folder, { ...config, "min-area": 5 });
  const kept = (await readPolygons(large, "photo")).features;
  assert.deepEqual(kept, features.filter(({ properties }) => properties.area_m2 >= 5));
  assert.ok(kept.length < features.length);
});

Deno.test("a map lies where its image lies and has the classes' colours and overviews", async () => {
  await using folder = await makeFolder();
  const picture = makePicture(600, 300);
  const images = await folder.write("photo", picture);
  await using run = await predict(folder, { images, window: 128 });
  const path = `${run.outputs["maps"]}/photo.tif`;
  using raster = await openRaster(path, "");
  assert.equal(raster.crs, "EPSG:2180");
  assert.deepEqual(raster.geotransform, [500_000, RESOLUTION, 0, 300_000, 0, -RESOLUTION]);
  assert.deepEqual(raster.palette?.slice(0, 3), threeClasses.map(({ color }) => color));
  const tiff = await fromFile(path);
  assert.equal(await tiff.getImageCount(), 3);
  const image = await tiff.getImage();
  assert.deepEqual(image.getBoundingBox(), [500_000, 299_850, 500_300, 300_000]);
  assert.equal(image.getGDALNoData(), NO_LABEL);
  // One band, so one typed array.
  const [band] = await image.readRasters() as unknown as readonly Uint8Array[];
  assert.deepEqual(band, picture.classes);
  tiff.close();
});

Deno.test("a folder gives a map per image and the areas of all", async () => {
  await using folder = await makeFolder();
  const pictures = [makePicture(40, 30), makePicture(30, 50)];
  await folder.write("a", pictures[0]!);
  await folder.write("b", pictures[1]!);
  const source = `${folder.path}/source`;
  await using run = await runPlugin(predictPlugin, { inputs: { model: folder.model, source } });
  for (const [index, name] of ["a", "b"].entries()) {
    assert.deepEqual(await readMap(run, name), [...pictures[index]!.classes]);
  }
  const lines = (await Deno.readTextFile(`${run.outputs["maps"]}/summary.csv`)).trim().split("\n");
  const fields =
    pictures.flatMap(({ classes }) => [...classes]).filter((land) => land === 0).length;
  const share = Number((fields / 2700).toFixed(6));
  assert.equal(lines.length, 1 + 3 * 3);
  assert.equal(lines[0], "image,class,pixels,area_m2,share");
  assert.equal(lines[7], `,field,${fields},${fields * RESOLUTION ** 2},${share}`);
});

Deno.test("an image without a place gives pixels, and its transparency says where it has no data", async () => {
  await using folder = await makeFolder();
  const picture = makePicture(40, 30, 12);
  const path = `${folder.path}/photo.png`;
  const raw = { raw: { width: 40, height: 30, channels: 3 as const } };
  const alpha = Buffer.from(picture.classes.map((land) => land === NO_LABEL ? 0 : 255));
  await sharp(colorsOf(picture), raw)
    .joinChannel(alpha, { raw: { ...raw.raw, channels: 1 } }).png().toFile(path);
  await using run = await predict(folder, { images: path, polygons: true });
  assert.deepEqual(await readMap(run, "photo"), [...picture.classes]);
  assert.match(run.warnings[0] ?? "", /"photo" does not say how much ground a pixel covers/);
  assert.equal((await readSummary(run)).images[0]!.classes[0]!.area, null);
  await refused(
    predict(folder, { images: path, polygons: true, "min-area": 1 }),
    /how much ground a pixel covers, but "min-area" is in m²/,
  );
});
