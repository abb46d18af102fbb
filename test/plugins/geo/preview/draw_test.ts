// Pictures of rasters: what lies where, and how values become colours.
import assert from "node:assert/strict";
import sharp from "sharp";
import { drawRaster, type RasterPicture } from "../../../../plugins/geo/preview/draw.ts";
import { openTiff } from "../../../../plugins/geo/raster.ts";
import { encodeGeoTiff, type GeoImage } from "../../../../plugins/geo/write_geotiff.ts";
import { encodeTiff, TAG } from "../../../../plugins/geo/tiff/encode.ts";

async function draw(bytes: Uint8Array): Promise<RasterPicture> {
  const path = await Deno.makeTempFile({ prefix: "cairn_preview_" });
  try {
    await Deno.writeFile(path, bytes);
    using raster = await openTiff(path, "picture.tif");
    return await drawRaster(raster);
  } finally {
    await Deno.remove(path);
  }
}

/** Red, green, blue, opacity of each pixel of the picture. */
async function pixelsOf({ png }: RasterPicture): Promise<readonly (readonly number[])[]> {
  const pixels = [...await sharp(Uint8Array.fromBase64(png)).raw().toBuffer()];
  return Array.from({ length: pixels.length / 4 }, (_, at) => pixels.slice(at * 4, at * 4 + 4));
}

const PLACE = { epsg: 2180, origin: [500_000, 300_000], resolution: 0.5 } as const;
const image = (fields: Omit<GeoImage, keyof typeof PLACE>): Uint8Array =>
  encodeGeoTiff({ ...fields, ...PLACE });

Deno.test("a picture tells its system, extent and pixels, and shows colours as they are", async () => {
  const data = Uint8Array.of(200, 10, 20, 30, 40, 50);
  const picture = await draw(image({ width: 2, height: 1, bands: 3, data }));
  const { png: _png, ...facts } = picture;
  assert.deepEqual(facts, {
    width: 2,
    height: 1,
    bands: 3,
    samples: "uint8",
    crs: "EPSG:2180",
    extent: [500_000, 299_999.5, 500_001, 300_000],
    pixel: [0.5, 0.5],
    noData: null,
    colors: "bands 1, 2 and 3, as they are",
  });
  assert.deepEqual(await pixelsOf(picture), [[200, 10, 20, 255], [30, 40, 50, 255]]);
});

Deno.test("classes get the file's colours, or one for each value where it has none", async () => {
  const classes = { width: 2, height: 1, bands: 1, data: Uint8Array.of(0, 1) } as const;
  const colored = await draw(image({ ...classes, palette: ["#102030", "#405060"] }));
  assert.deepEqual(await pixelsOf(colored), [[16, 32, 48, 255], [64, 80, 96, 255]]);
  const bare = await draw(image(classes));
  assert.match(bare.colors, /one colour for each value/);
  const [first, second] = await pixelsOf(bare);
  assert.notDeepEqual(first, second);
});

Deno.test("values of any range are spread from black to white, what is no data is left out", async () => {
  const values = Float32Array.from({ length: 102 }, (_, at) => at === 0 ? -9999 : 1000 + at);
  const picture = await draw(encodeTiff([
    { id: TAG.width, type: "long", values: [102] },
    { id: TAG.height, type: "long", values: [1] },
    { id: TAG.bits, type: "short", values: [32] },
    { id: TAG.sampleFormat, type: "short", values: [3] },
    { id: TAG.photometric, type: "short", values: [1] },
    { id: TAG.bands, type: "short", values: [1] },
    { id: TAG.stripRows, type: "long", values: [1] },
    { id: TAG.noData, type: "ascii", values: [...new TextEncoder().encode("-9999\0")] },
  ], [new Uint8Array(values.buffer)]));
  assert.equal(picture.colors, "grey, from black to white over 1003 to 1099");
  assert.deepEqual([picture.crs, picture.extent, picture.noData], [null, null, -9999]);
  const pixels = await pixelsOf(picture);
  assert.equal(pixels[0]?.[3], 0);
  assert.deepEqual(pixels[1], [0, 0, 0, 255]);
  assert.deepEqual(pixels[101], [255, 255, 255, 255]);
  assert.deepEqual(pixels[51], [128, 128, 128, 255]);
});

Deno.test("a large raster becomes a picture of 512 pixels at most", async () => {
  const data = new Uint8Array(1500 * 600).fill(7);
  const picture = await draw(image({ width: 1500, height: 600, bands: 1, data }));
  const { width, height } = await sharp(Uint8Array.fromBase64(picture.png)).metadata();
  assert.deepEqual([width, height, picture.width], [512, 205, 1500]);
});
