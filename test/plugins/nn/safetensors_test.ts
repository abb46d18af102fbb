// Files written are read back alike, and damaged files are refused.
import assert from "node:assert/strict";
import {
  decodeSafetensors,
  encodeSafetensors,
  type NamedTensors,
} from "../../../plugins/nn/safetensors.ts";

function decoded(file: Uint8Array): NamedTensors {
  return new Map(
    [...decodeSafetensors(file)]
      .map(([name, tensor]) => [name, { shape: tensor.shape, data: tensor.read() }]),
  );
}

/** A file of one tensor. */
function fileOf(entry: Readonly<Record<string, unknown>>, elements: Uint8Array): Uint8Array {
  const header = new TextEncoder().encode(JSON.stringify({ n: entry }));
  const length = new Uint8Array(BigUint64Array.of(BigInt(header.length)).buffer);
  return Uint8Array.of(...length, ...header, ...elements);
}

const tensors = new Map([
  ["matrix", { shape: [2, 3], data: Float32Array.of(1, -2, 3.5, 0, 1e-30, -1e30) }],
  ["größe", { shape: [1], data: Float32Array.of(7) }],
  ["empty", { shape: [0], data: new Float32Array(0) }],
]);

Deno.test("tensors come back with name, shape and every bit", () => {
  assert.deepEqual(decoded(encodeSafetensors(tensors)), tensors);
});

Deno.test("the elements of a file begin at a multiple of eight bytes", () => {
  const file = encodeSafetensors(tensors);
  assert.equal(new DataView(file.buffer).getBigUint64(0, true) % 8n, 0n);
});

Deno.test("elements of every type become floats", () => {
  const cases: readonly (readonly [string, ArrayBufferView, readonly number[]])[] = [
    ["I64", BigInt64Array.of(5n, -6n), [5, -6]],
    ["F64", Float64Array.of(0.5, -1e30), [0.5, Math.fround(-1e30)]],
    ["F16", Uint16Array.of(0x3c00, 0xc500, 0x0001, 0x7c00), [1, -5, 2 ** -24, Infinity]],
    ["BF16", Uint16Array.of(0x3f80, 0xc0a0), [1, -5]],
    ["I32", Int32Array.of(-7), [-7]],
    ["I16", Int16Array.of(-7), [-7]],
    ["I8", Int8Array.of(-7), [-7]],
    ["U8", Uint8Array.of(200), [200]],
    ["BOOL", Uint8Array.of(0, 1), [0, 1]],
  ];
  for (const [dtype, { buffer }, values] of cases) {
    const elements = new Uint8Array(buffer as ArrayBuffer);
    const entry = { dtype, shape: [values.length], data_offsets: [0, elements.length] };
    assert.deepEqual([...decoded(fileOf(entry, elements)).get("n")!.data], values, dtype);
  }
});

Deno.test("a file that is cut short or damaged is refused", () => {
  const file = encodeSafetensors(tensors);
  assert.throws(() => decodeSafetensors(file.subarray(0, -1)), /it ends before "größe"/);
  assert.throws(() => decodeSafetensors(file.subarray(0, 20)), /it ends too early/);
  assert.throws(() => decodeSafetensors(new Uint8Array(3)), /it ends too early/);
  assert.throws(() => decodeSafetensors(file.with(9, 0x20)), /its header is damaged/);
});

Deno.test("entries that contradict themselves are refused", () => {
  const elements = new Uint8Array(8);
  const read = (entry: Readonly<Record<string, unknown>>): unknown =>
    decoded(fileOf(entry, elements));
  const good = { dtype: "F32", shape: [2], data_offsets: [0, 8] };
  read(good);
  assert.throws(() => read({ ...good, shape: [3] }), /"n" has other bytes than its shape/);
  assert.throws(() => read({ ...good, shape: [-2] }), /describes "n" in an unknown way/);
  assert.throws(() => read({ ...good, data_offsets: [8, 0] }), /"n" has other bytes/);
  assert.throws(() => read({ ...good, dtype: "F4" }), /"n" has elements of type "F4"/);
});
