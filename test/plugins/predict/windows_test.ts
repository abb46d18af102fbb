// Windows cover every pixel, their weights add up to one, and what they disagree on fades over.
import assert from "node:assert/strict";
import { type Axis, spreadWindows } from "../../../plugins/predict/windows/axis.ts";
import { Blend } from "../../../plugins/predict/windows/blend.ts";

const SIDES = [1, 7, 16, 17, 31, 40, 100];
const OVERLAPS = [0, 1, 4, 8, 15];

function weightSums({ starts, weights }: Axis, length: number): number[] {
  const sums = Array.from({ length }, () => 0);
  starts.forEach((start, index) =>
    weights[index]!.forEach((weight, at) => sums[start + at]! += weight)
  );
  return sums;
}

Deno.test("windows stay inside, share what they must, and weigh one together at every pixel", () => {
  for (const length of SIDES) {
    for (const overlap of OVERLAPS) {
      const axis = spreadWindows(length, 16, overlap);
      const { window, starts } = axis;
      assert.equal(window, Math.min(16, length));
      assert.equal(starts[0], 0);
      assert.equal(starts.at(-1)! + window, length);
      starts.slice(1).forEach((start, index) => {
        assert.ok(start > starts[index]! && start - starts[index]! <= 16 - overlap);
      });
      for (const sum of weightSums(axis, length)) assert.ok(Math.abs(sum - 1) < 1e-6);
    }
  }
});

Deno.test("a window counts most in its middle and hardly at its edges", () => {
  const { starts, weights } = spreadWindows(100, 32, 8);
  assert.deepEqual(starts, [0, 23, 45, 68]);
  const [, second] = weights;
  assert.ok(second![0]! < 0.02 && second![16] === 1 && second![31]! < 0.02);
});

Deno.test("between two windows that disagree the change is gradual", () => {
  const [width, height, overlap] = [40, 4, 8];
  const { window, starts, weights } = spreadWindows(width, 24, overlap);
  const blend = new Blend({ classes: 2, rows: height, width });
  const rows = new Float32Array(height).fill(1);
  starts.forEach((x, index) => {
    const data = new Float32Array(2 * height * window).fill(0);
    data.fill(index * 10, height * window);
    const logits = { data, rows: height, columns: window };
    blend.add(logits, { index: 0, x, columns: weights[index]!, rows });
  });
  const second = blend.probabilities(1, blend.classes(1)).subarray(width);
  assert.equal(second[0], 0.5);
  assert.ok(second[width - 1]! > 0.9999);
  second.subarray(1).forEach((value, at) => {
    assert.ok(value >= second[at]!, "it rises");
    assert.ok(Math.log(value / (1 - value)) - Math.log(second[at]! / (1 - second[at]!)) < 2.5);
  });
});

Deno.test("dropping rows leaves the others and makes room for new ones", () => {
  const blend = new Blend({ classes: 2, rows: 3, width: 1 });
  const one = new Float32Array([1]);
  const add = (data: readonly number[], rows: readonly number[]): void =>
    blend.add({ data: Float32Array.from(data), rows: 3, columns: 1 }, {
      index: 0,
      x: 0,
      columns: one,
      rows: Float32Array.from(rows),
    });
  add([0, 0, 0, 1, -1, 1], [1, 1, 1]);
  assert.deepEqual([...blend.classes(3)], [1, 0, 1]);
  blend.drop(2);
  assert.deepEqual([...blend.classes(3)], [1, 0, 0]);
  add([0, 0, 0, -2, 1, 1], [1, 1, 1]);
  assert.deepEqual([...blend.classes(3)], [0, 1, 1]);
});
