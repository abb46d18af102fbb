// Rows of image files: equal to what other programs read, whatever the layout; clear errors otherwise.
import assert from "node:assert/strict";
import { fromFile } from "geotiff";
import sharp, { type TiffOptions } from "sharp";
import { StepError } from "../../../engine/plugin.ts";
import { openRaster } from "../../../plugins/geo/raster.ts";
import { encodeTiff, TAG } from "../../../plugins/geo/tiff/encode.ts";
import { encodeGeoTiff } from "../../../plugins/geo/write_geotiff.ts";

const WIDTH = 150;
const HEIGHT = 130;

async function withFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "cairn_raster_" });
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Reads all rows in windows that do not fit the blocks. */
async function readAll(path: string, scratch: string): Promise<number[]> {
  using raster = await openRaster(path, scratch);
  const parts: number[] = [];
  for (let y = 0; y < raster.height; y += 37) {
    parts.push(...await raster.readRows(y, Math.min(37, raster.height - y)));
  }
  return parts;
}

async function readWithGeotiff(path: string): Promise<number[]> {
  const tiff = await fromFile(path);
  try {
    const rasters = await (await tiff.getImage()).readRasters({ interleave: true });
    return Array.from(rasters as unknown as ArrayLike<number>); // interleaved, so one typed array
  } finally {
    tiff.close();
  }
}

function pattern(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * 7 + (index >> 6)) % 251);
}

const LAYOUTS: Readonly<Record<string, TiffOptions>> = {
  "uncompressed strips": { compression: "none" },
  "LZW strips with differences": { compression: "lzw", predictor: "horizontal" },
  "Deflate tiles": { compression: "deflate", tile: true, tileWidth: 64, tileHeight: 48 },
  "Deflate tiles with differences": {
    compression: "deflate",
    predictor: "horizontal",
    tile: true,
    tileWidth: 32,
    tileHeight: 32,
  },
  "PackBits strips": { compression: "packbits" },
};

for (const [layout, options] of Object.entries(LAYOUTS)) {
  for (const [depth, bands] of [[8, 3], [8, 1], [16, 3], [8, 4]] as const) {
    Deno.test(`${layout} of ${bands} bands of ${depth} bits are read as geotiff reads them`, () =>
      withFolder(async (folder) => {
        const path = `${folder}/image.tif`;
        const bytes = pattern(WIDTH * HEIGHT * bands * depth / 8);
        const data = depth === 8 ? bytes : new Uint16Array(bytes.buffer);
        await sharp(data, { raw: { width: WIDTH, height: HEIGHT, channels: bands } })
          .toColourspace(bands === 1 ? "b-w" : depth === 8 ? "srgb" : "rgb16")
          .tiff({ predictor: "none", ...options }).toFile(path);
        assert.deepEqual(await readAll(path, folder), await readWithGeotiff(path));
      }));
  }
}

Deno.test("Big-endian 16-bit samples in separate planes come out in order", () =>
  withFolder(async (folder) => {
    const path = `${folder}/image.tif`;
    await Deno.writeFile(path, bigEndianPlanes());
    assert.deepEqual(await readAll(path, folder), [258, 1286, 772, 1800]);
  }));

/** A 2x1 image of two 16-bit bands, written byte by byte. */
function bigEndianPlanes(): Uint8Array {
  const entries = [
    [256, 3, 1, 2 << 16],
    [257, 3, 1, 1 << 16],
    [258, 3, 2, (16 << 16) | 16],
    [259, 3, 1, 1 << 16],
    [273, 4, 2, 128],
    [277, 3, 1, 2 << 16],
    [278, 3, 1, 1 << 16],
    [284, 3, 1, 2 << 16],
  ];
  const view = new DataView(new ArrayBuffer(160));
  view.setUint32(0, 0x4d4d002a);
  view.setUint32(4, 8);
  view.setUint16(8, entries.length);
  entries.forEach(([tag = 0, type = 0, count = 0, value = 0], index) => {
    view.setUint16(10 + index * 12, tag);
    view.setUint16(12 + index * 12, type);
    view.setUint32(14 + index * 12, count);
    view.setUint32(18 + index * 12, value);
  });
  [140, 150].forEach((offset, index) => view.setUint32(128 + index * 4, offset));
  [1, 2, 3, 4].forEach((byte, index) => view.setUint8(140 + index, byte));
  [5, 6, 7, 8].forEach((byte, index) => view.setUint8(150 + index, byte));
  return new Uint8Array(view.buffer);
}

Deno.test("A written GeoTIFF comes back with pixels, palette, system and place", () =>
  withFolder(async (folder) => {
    const path = `${folder}/mask.tif`;
    const data = Uint8Array.from({ length: 90 * 70 }, (_, index) => index % 3);
    const palette = ["#000000", "#ff8000", "#0000ff"];
    const place = { epsg: 2180, origin: [500_000, 250_000], resolution: 0.25 } as const;
    await Deno.writeFile(
      path,
      encodeGeoTiff({ ...place, width: 90, height: 70, bands: 1, data, palette }),
    );
    using raster = await openRaster(path, folder);
    assert.equal(raster.crs, "EPSG:2180");
    assert.deepEqual(raster.geotransform, [500_000, 0.25, 0, 250_000, 0, -0.25]);
    assert.deepEqual(raster.palette?.slice(0, 3), palette);
    assert.deepEqual(await raster.readRows(10, 5), data.subarray(10 * 90, 15 * 90));
  }));

Deno.test("PNG and JPEG files are read like TIFFs and leave nothing in the scratch folder", () =>
  withFolder(async (folder) => {
    const scratch = `${folder}/scratch`;
    await Deno.mkdir(scratch);
    const data = pattern(WIDTH * HEIGHT);
    const image = sharp(data, { raw: { width: WIDTH, height: HEIGHT, channels: 1 } });
    await image.clone().toColourspace("b-w").png().toFile(`${folder}/gray.png`);
    await image.clone().jpeg().toFile(`${folder}/photo.jpg`);
    assert.deepEqual(await readAll(`${folder}/gray.png`, scratch), [...data]);
    const decoded = await sharp(`${folder}/photo.jpg`).raw().toBuffer();
    assert.deepEqual(await readAll(`${folder}/photo.jpg`, scratch), [...decoded]);
    assert.deepEqual([...Deno.readDirSync(scratch)], []);
  }));

const BAD_FILES: Readonly<Record<string, { readonly bytes: Uint8Array; readonly says: RegExp }>> = {
  "is no TIFF": { bytes: new TextEncoder().encode("not a TIFF at all"), says: /does not start/ },
  "is empty": { bytes: new Uint8Array(), says: /too short/ },
  "declares far more pixels than it holds": {
    bytes: grayTiff({ width: 200_000, height: 200_000, strips: [new Uint8Array(10)] }),
    says: /declares 200000x200000 pixels, but the file has only \d+ bytes/,
  },
  "ends before its pixels do": {
    bytes: grayTiff({ width: 100, height: 100, strips: [new Uint8Array(10)] }),
    says: /points to byte \d+, but has only \d+/,
  },
};

function grayTiff(
  { width, height, strips }: { width: number; height: number; strips: Uint8Array[] },
): Uint8Array {
  return encodeTiff([
    { id: TAG.width, type: "long", values: [width] },
    { id: TAG.height, type: "long", values: [height] },
    { id: TAG.bits, type: "short", values: [8] },
  ], strips);
}

for (const [what, { bytes, says }] of Object.entries(BAD_FILES)) {
  Deno.test(`A file that ${what} is refused with its name and the reason`, () =>
    withFolder(async (folder) => {
      const path = `${folder}/bad.tif`;
      await Deno.writeFile(path, bytes);
      await assert.rejects(readAll(path, folder), (error) => {
        assert.ok(error instanceof StepError);
        assert.match(error.message, /^Cannot read ".*bad\.tif"/);
        assert.match(error.message, says);
        return true;
      });
    }));
}
