// What is said of tensors that do not fit a network.
import assert from "node:assert/strict";
import { Unreadable } from "../../../../plugins/nn/checkpoints/bytes.ts";
import type { StoredTensor } from "../../../../plugins/nn/checkpoints/elements.ts";
import { weightsFrom } from "../../../../plugins/nn/checkpoints/fit_network.ts";
import { stateDict } from "../../../../plugins/nn/checkpoints/torch/state_dict.ts";
import { Storage, Tensor } from "../../../../plugins/nn/checkpoints/torch/tensors.ts";
import type { Layout } from "../../../../plugins/nn/design.ts";

const layout: Layout = {
  parameters: [{ name: "first.weight", shape: [2, 2] }, { name: "last.bias", shape: [1] }],
  statistics: [{ name: "norm.running_mean", shape: [2] }],
};

function stored(shape: readonly number[], value = 1): StoredTensor {
  const length = shape.reduce((product, edge) => product * edge, 1);
  return { shape, read: () => new Float32Array(length).fill(value) };
}

Deno.test("fitting tensors become weights in the order of the network; counters are passed over", () => {
  const weights = weightsFrom(
    layout,
    new Map([
      ["norm.num_batches_tracked", stored([])],
      ["norm.running_mean", stored([2], 3)],
      ["last.bias", stored([1], 2)],
      ["first.weight", stored([2, 2])],
    ]),
  );
  assert.deepEqual([...weights.parameters], [1, 1, 1, 1, 2]);
  assert.deepEqual([...weights.statistics], [3, 3]);
});

Deno.test("missing, misshapen and extra tensors are named in one message", () => {
  const tensors = new Map([
    ["first.weight", stored([2, 3])],
    ["last.bais", stored([1])],
    ["norm.running_mean", stored([2])],
    ["criterion.table", stored([9])],
  ]);
  assert.throws(() => weightsFrom(layout, tensors), (error) => {
    assert.ok(error instanceof Unreadable);
    assert.deepEqual(error.message.split("\n"), [
      "its tensors do not fit the network:",
      '  "first.weight" is 2×3 and should be 2×2',
      '  "last.bias" is missing; the nearest name is "last.bais"',
      '  "last.bais" is no weight of the network; the nearest name is "last.bias"',
      '  "criterion.table" is no weight of the network',
    ]);
    return true;
  });
});

Deno.test("weights that are no numbers are refused before they spoil the training", () => {
  const tensors = new Map([
    ["first.weight", stored([2, 2])],
    ["last.bias", stored([1], NaN)],
    ["norm.running_mean", stored([2])],
  ]);
  assert.throws(() => weightsFrom(layout, tensors), /"last.bias" holds values that are no finite/);
});

Deno.test("tensors that are not wanted are never decoded", () => {
  const huge = { shape: [1e9, 1e9], read: (): never => assert.fail("decoded") };
  assert.throws(() => weightsFrom(layout, new Map([["first.weight", huge]])), Unreadable);
});

const storage = new Storage("F32", "0");
const tensor = (strides: readonly number[], offset: number, shape = [2, 3]): Tensor =>
  new Tensor(shape, {
    storage,
    offset,
    strides,
    find: () => new Uint8Array(Float32Array.of(9, 1, 2, 3, 4, 5, 6).buffer),
  });

Deno.test("offsets and strides lead through a storage", () => {
  assert.deepEqual([...tensor([3, 1], 1).read()], [1, 2, 3, 4, 5, 6]);
  assert.deepEqual([...tensor([1, 2], 1).read()], [1, 3, 5, 2, 4, 6]);
  assert.deepEqual([...tensor([], 2, []).read()], [2]);
  assert.deepEqual([...tensor([0, 1], 9, [0, 3]).read()], []);
});

Deno.test("a tensor that reaches beyond its storage is refused", () => {
  assert.throws(() => tensor([3, 1], 2).read(), /it ends too early/);
  assert.throws(() => tensor([2 ** 52, 1], 0).read(), /it ends too early/);
});

Deno.test("weights are found inside what programs save around them", () => {
  const weights = new Map([["module._orig_mod.a", tensor([3, 1], 0)]]);
  for (const key of ["state_dict", "model_state_dict", "model", "net"]) {
    const saved = new Map<string, unknown>([["epoch", 3], [key, weights]]);
    assert.deepEqual([...stateDict(saved).keys()], ["a"]);
  }
});

Deno.test("what holds no weights says what it holds", () => {
  assert.throws(() => stateDict(new Map([["epoch", 3]])), /no weights in it, only "epoch"/);
  assert.throws(() => stateDict([1]), /no dictionary of weights/);
  const circle = new Map<string, unknown>();
  circle.set("model", circle);
  assert.throws(() => stateDict(circle), /no dictionary of weights/);
});

Deno.test("two names that become one keep their difference", () => {
  const weights = new Map([["a", tensor([3, 1], 0)], ["model.a", tensor([3, 1], 1)]]);
  assert.deepEqual([...stateDict(weights).keys()], ["a", "model.a"]);
});
