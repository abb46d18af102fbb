// What the invented photographs promise: the same bytes for a seed, every class, a place on the ground.
import assert from "node:assert/strict";
import { fromArrayBuffer, type GeoTIFFImage } from "geotiff";
import { synthesizePlugin } from "../../../plugins/synthesize/plugin.ts";
import { makeScene } from "../../../plugins/synthesize/synthesize.ts";
import { runPlugin } from "../../support/run_plugin.ts";

async function openTiff(path: string): Promise<GeoTIFFImage> {
  const bytes = await Deno.readFile(path);
  return await (await fromArrayBuffer(bytes.buffer)).getImage();
}

Deno.test("Synthesize writes pairs of GeoTIFFs that another reader understands", async () => {
  const config = { images: 2, size: 160, resolution: 0.25 };
  await using run = await runPlugin(synthesizePlugin, { config, seed: 3 });
  const folder = run.outputs["images"];
  const image = await openTiff(`${folder}/images/scene_02.tif`);
  const mask = await openTiff(`${folder}/masks/scene_02.tif`);
  const { image: pixels, mask: classes } = makeScene(config, 3, 1);

  assert.deepEqual(await image.readRasters({ interleave: true }), asRaster(pixels, 160));
  assert.deepEqual(await mask.readRasters({ interleave: true }), asRaster(classes, 160));
  assert.equal(image.getGeoKeys()?.["ProjectedCSTypeGeoKey"], 2180);
  assert.deepEqual(image.getOrigin(), [500_080, 520_000, 0]);
  assert.deepEqual(image.getResolution(), [0.25, -0.25, 0]);
  assert.deepEqual(mask.getBoundingBox(), image.getBoundingBox());
});

Deno.test("Synthesize gives the same bytes for a seed and other bytes for another", () => {
  const options = { size: 128, resolution: 0.5 };
  assert.deepEqual(makeScene(options, 1, 0), makeScene(options, 1, 0));
  assert.notDeepEqual(makeScene(options, 1, 0).image, makeScene(options, 2, 0).image);
  assert.notDeepEqual(makeScene(options, 1, 0).image, makeScene(options, 1, 1).image);
});

Deno.test("Eight photographs hold every class, none of them rare", () => {
  const counts = [0, 0, 0, 0, 0];
  for (let index = 0; index < 8; index++) {
    for (const value of makeScene({ size: 256, resolution: 0.5 }, 0, index).mask) {
      counts[value] = (counts[value] ?? NaN) + 1;
    }
  }
  for (const count of counts) assert.ok(count > 0.01 * 8 * 256 * 256, String(counts));
});

function asRaster(data: Uint8Array, size: number): Uint8Array {
  return Object.assign(data.slice(), { width: size, height: size });
}
