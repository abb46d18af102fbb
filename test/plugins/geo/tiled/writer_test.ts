// Tiled TIFFs written row by row: other readers see the same pixels, bands, overviews and place.
import assert from "node:assert/strict";
import { fromFile } from "geotiff";
import { type ByteSource, readDirectory } from "../../../../plugins/geo/tiff/directory.ts";
import { encodeDirectory, encodeHeader, TAG } from "../../../../plugins/geo/tiff/encode.ts";
import { openRaster } from "../../../../plugins/geo/raster.ts";
import { TiledTiffWriter } from "../../../../plugins/geo/tiled/writer.ts";

const first = (a: number): number => a;

interface Written {
  readonly width: number;
  readonly height: number;
  readonly bands: number;
  /** Rows handed over at once. */
  readonly step: number;
}

function valueAt(band: number, y: number, x: number): number {
  return (x * 3 + y * 5 + band * 70) % 251;
}

async function write(path: string, { width, height, bands, step }: Written): Promise<void> {
  const tags = [
    { id: TAG.photometric, type: "short" as const, values: [1] },
    { id: TAG.pixelScale, type: "double" as const, values: [2, 2, 0] },
    { id: TAG.tiepoint, type: "double" as const, values: [0, 0, 0, 1000, 2000, 0] },
  ];
  using writer = await TiledTiffWriter.create(path, { width, height, bands, tags, reduce: first });
  for (let y = 0; y < height; y += step) {
    const rows = Math.min(step, height - y);
    const pixels = Uint8Array.from({ length: bands * rows * width }, (_, at) => {
      const row = Math.floor(at / width);
      return valueAt(Math.floor(row / rows), y + row % rows, at % width);
    });
    await writer.writeRows(pixels);
  }
  await writer.finish();
}

async function withFile(use: (path: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "cairn_tiled_" });
  try {
    await use(`${folder}/image.tif`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const SHAPES: readonly Written[] = [
  { width: 1, height: 1, bands: 1, step: 1 },
  { width: 256, height: 512, bands: 1, step: 100 },
  { width: 700, height: 530, bands: 1, step: 7 },
  { width: 300, height: 610, bands: 3, step: 400 },
  { width: 5, height: 1100, bands: 2, step: 1100 },
];

for (const shape of SHAPES) {
  const { width, height, bands, step } = shape;
  Deno.test(`${width}x${height} pixels in ${bands} bands, ${step} rows at a time, come back with overviews`, () =>
    withFile(async (path) => {
      await write(path, shape);
      using raster = await openRaster(path, "");
      const samples = await raster.readRows(0, height);
      assert.ok(samples.every((value, at) => {
        const place = Math.floor(at / bands);
        return value === valueAt(at % bands, Math.floor(place / width), place % width);
      }));
      assert.deepEqual(raster.geotransform, [1000, 2, 0, 2000, 0, -2]);
      const tiff = await fromFile(path);
      const count = await tiff.getImageCount();
      assert.equal(count, 1 + Math.max(0, Math.ceil(Math.log2(Math.max(width, height) / 256))));
      for (let level = 0; level < count; level++) {
        const image = await tiff.getImage(level);
        const half = 2 ** level;
        assert.equal(image.getWidth(), Math.ceil(width / half));
        assert.equal(image.getHeight(), Math.ceil(height / half));
        // One typed array per band.
        const planes = await image.readRasters() as unknown as readonly Uint8Array[];
        assert.equal(planes.length, bands);
        planes.forEach((plane, band) =>
          assert.ok(plane.every((value, at) => {
            const [x, y] = [at % image.getWidth(), Math.floor(at / image.getWidth())];
            return value === valueAt(band, y * half, x * half);
          }))
        );
      }
      tiff.close();
    }));
}

Deno.test("a file that is there already is not overwritten", () =>
  withFile(async (path) => {
    await write(path, SHAPES[0]!);
    await assert.rejects(write(path, SHAPES[0]!), Deno.errors.AlreadyExists);
  }));

for (const big of [false, true]) {
  Deno.test(`values of a ${big ? "BigTIFF" : "TIFF"} directory are read from where they were put`, async () => {
    const at = 100;
    const tags = [
      { id: TAG.width, type: "long" as const, values: [7] },
      { id: TAG.tileOffsets, type: "long64" as const, values: [2 ** 40 + 1, 5] },
      { id: TAG.bits, type: "short" as const, values: [8, 8, 8, 8, 8] },
    ];
    const header = encodeHeader(at, big);
    const directory = encodeDirectory(tags, { at, last: true, big });
    const bytes = new Uint8Array(at + directory.length);
    bytes.set(header);
    bytes.set(directory, at);
    const source: ByteSource = {
      size: bytes.length,
      read: (offset, length) => Promise.resolve(bytes.slice(offset, offset + length)),
    };
    const read = await readDirectory(source);
    for (const { id, values } of tags) assert.deepEqual(await read.numbers(id), values);
  });
}
