// The pixels of a tile's pictures.
import assert from "node:assert/strict";
import type { PredictedTile } from "../../../plugins/scores/predict_tiles.ts";
import { NO_LABEL } from "../../../plugins/tiles/manifest.ts";
import { drawPictures, type Picture } from "../../../plugins/visualize/panels/pictures.ts";

const classes = [{ name: "field", color: "#ff0000" }, { name: "wood", color: "#00ff00" }];

function draw(pixels: readonly number[], opacity = 0.5): Map<Picture["name"], number[][]> {
  const predicted: PredictedTile = {
    tile: { name: "t", source: 0, x: 0, y: 0, split: "test", histogram: [] },
    pixels: Uint8Array.from(pixels),
    truth: Uint8Array.of(0, 1, 1, NO_LABEL),
    prediction: Uint8Array.of(0, 0, 1, 1),
  };
  const pictures = drawPictures(predicted, classes, { edge: 2, opacity });
  return new Map(pictures.map(({ name, rgb }) => [
    name,
    [0, 1, 2, 3].map((at) => Array.from(rgb.subarray(at * 3, at * 3 + 3))),
  ]));
}

Deno.test("class colours cover the image as far as the opacity says", () => {
  const pictures = draw([100, 100, 100, 100, 0, 0, 0, 0, 200, 200, 200, 200]);
  assert.deepEqual(pictures.get("image")?.[0], [100, 0, 200]);
  assert.deepEqual(pictures.get("truth")?.slice(0, 2), [[177, 0, 100], [50, 127, 100]]);
  assert.deepEqual(pictures.get("prediction")?.slice(0, 2), [[177, 0, 100], [177, 0, 100]]);
});

Deno.test("errors are marked, right pixels pale grey, pixels without a label hatched grey", () => {
  const [right, wrong, , bare] = draw(Array(12).fill(100)).get("error")!;
  assert.ok(right!.every((value) => value === right![0] && value > 180));
  assert.deepEqual(wrong, [0xb5, 0x17, 0x9e]);
  assert.deepEqual(bare, draw(Array(12).fill(7)).get("error")![3]);
  assert.deepEqual(bare, draw(Array(12).fill(7)).get("truth")![3]);
});

Deno.test("one and two bands show grey, more bands the first three", () => {
  const bands = (count: number): number[] =>
    Array.from({ length: count * 4 }, (_, at) => 10 * (Math.floor(at / 4) + 1));
  const first = (count: number): number[] | undefined => draw(bands(count)).get("image")?.[0];
  assert.deepEqual(first(1), [10, 10, 10]);
  assert.deepEqual(first(2), [10, 10, 10]);
  assert.deepEqual(first(5), [10, 20, 30]);
});
