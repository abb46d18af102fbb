// What the predict step refuses, in which words, and when it stops.
import assert from "node:assert/strict";
import sharp from "sharp";
import { predictPlugin } from "../../../plugins/predict/plugin.ts";
import { runPlugin } from "../../support/run_plugin.ts";
import { makeFolder, makePicture, predict, readMap, refused } from "./support.ts";

Deno.test("images that do not fit the model are refused before any is predicted", async () => {
  await using folder = await makeFolder();
  await folder.write("a", makePicture(10, 10));
  const images = `${folder.path}/source/images`;
  const gray = { raw: { width: 10, height: 10, channels: 1 as const } };
  const other = sharp(new Uint8Array(100), gray).toColourspace("b-w").png();
  await other.toFile(`${images}/b.png`);
  await refused(predict(folder, { images }), /takes images with 3 bands, image "b.png" gives 1$/);
  await Deno.remove(`${images}/b.png`);
  const deep = { raw: { width: 10, height: 10, channels: 3 as const } };
  await sharp(new Uint16Array(300).fill(900), deep).toColourspace("rgb16").tiff({
    compression: "none",
  })
    .toFile(`${images}/b.tif`);
  await refused(
    predict(folder, { images }),
    /takes pixels from 0 to 255, image "b.tif" holds 16-bit whole numbers/,
  );
  await using scaled = await predict(folder, { images: `${images}/b.tif`, scale: [0, 1000] });
  assert.equal((await readMap(scaled, "b")).length, 100);
});

Deno.test("what cannot be predicted is said clearly", async () => {
  await using folder = await makeFolder();
  await refused(predict(folder, {}), /nothing to predict/);
  await refused(predict(folder, { images: `${folder.path}/nowhere` }), /Cannot read ".*nowhere"/);
  await refused(predict(folder, { images: folder.model }), /There is no image in ".*model"/);
  const images = await folder.write("a", makePicture(10, 10));
  await refused(predict(folder, { images, overlap: 32 }), /Windows of 32 px cannot share 32 px/);
  await sharp(images).png().toFile(images.replace(".tif", ".png"));
  const both = `${folder.path}/source/images`;
  await refused(predict(folder, { images: both }), /Two images are named "a"/);
});

Deno.test("prediction ends when the run is cancelled", async () => {
  await using folder = await makeFolder();
  const images = await folder.write("a", makePicture(10, 10));
  const signal = AbortSignal.abort(new Error("enough"));
  await assert.rejects(
    runPlugin(predictPlugin, { inputs: { model: folder.model }, config: { images }, signal }),
    /enough/,
  );
});
