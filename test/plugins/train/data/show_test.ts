// What a look does to pixels.
import assert from "node:assert/strict";
import { showImage, showMask } from "../../../../plugins/train/data/show.ts";
import type { Look } from "../../../../plugins/train/data/views.ts";

const plain: Look = { transposed: false, flipX: false, flipY: false };

type Show = typeof showImage;

function shown(show: Show, values: readonly number[], look: Partial<Look>): number[] {
  const data = Uint8Array.from(values);
  const to = new Uint8Array(data.length);
  show({ data, edge: Math.sqrt(data.length) }, { ...plain, ...look }, to);
  assert.deepEqual([...data], values);
  return [...to];
}

Deno.test("a transposition with a flip is a quarter turn", () => {
  const quarter = { transposed: true, flipX: true };
  assert.deepEqual(shown(showMask, [1, 2, 3, 4], quarter), [3, 1, 4, 2]);
  assert.deepEqual(shown(showMask, [1, 2, 3, 4], { transposed: true, flipY: true }), [2, 4, 1, 3]);
});

Deno.test("every plane of an image is moved alike", () => {
  const data = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
  const to = new Uint8Array(8);
  showImage({ data, edge: 2 }, { ...plain, transposed: true }, to);
  assert.deepEqual([...to], [1, 3, 2, 4, 5, 7, 6, 8]);
});

Deno.test("light stretches around the middle and stays between 0 and 255", () => {
  const light = { contrast: 1.5, brightness: 10 };
  assert.deepEqual(shown(showImage, [128, 148, 0, 255], { light }), [138, 168, 0, 255]);
});

Deno.test("light does not touch masks", () => {
  const light = { contrast: 2, brightness: 50 };
  assert.deepEqual(shown(showMask, [0, 1, 2, 255], { light }), [0, 1, 2, 255]);
});

Deno.test("a crop enlarges masks by whole pixels and images smoothly", () => {
  const ramp = Array.from({ length: 16 }, (_, at) => (at % 4) * 60);
  const crop = { left: 0.5, top: 0, edge: 0.5 };
  assert.deepEqual(shown(showMask, ramp, { crop }).slice(0, 4), [120, 120, 180, 180]);
  assert.deepEqual(shown(showImage, ramp, { crop }).slice(0, 4), [105, 135, 165, 180]);
});

Deno.test("a crop of everything changes nothing", () => {
  const values = Array.from({ length: 25 }, (_, at) => at * 10);
  const crop = { left: 0, top: 0, edge: 1 };
  for (const show of [showImage, showMask]) assert.deepEqual(shown(show, values, { crop }), values);
});
