// Files written are read back alike, and damaged files are refused.
import assert from "node:assert/strict";
import { decodeSafetensors, encodeSafetensors } from "../../../plugins/nn/safetensors.ts";

const tensors = new Map([
  ["matrix", { shape: [2, 3], data: Float32Array.of(1, -2, 3.5, 0, 1e-30, -1e30) }],
  ["größe", { shape: [1], data: Float32Array.of(7) }],
  ["empty", { shape: [0], data: new Float32Array(0) }],
]);

Deno.test("tensors come back with name, shape and every bit", () => {
  assert.deepEqual(decodeSafetensors(encodeSafetensors(tensors)), tensors);
});

Deno.test("the elements of a file begin at a multiple of eight bytes", () => {
  const file = encodeSafetensors(tensors);
  assert.equal(new DataView(file.buffer).getBigUint64(0, true) % 8n, 0n);
});

Deno.test("64-bit integers become floats", () => {
  const header = new TextEncoder().encode(
    '{"n":{"dtype":"I64","shape":[2],"data_offsets":[0,16]}}',
  );
  const file = new Uint8Array(8 + header.length + 16);
  const view = new DataView(file.buffer);
  view.setBigUint64(0, BigInt(header.length), true);
  file.set(header, 8);
  view.setBigInt64(8 + header.length, 5n, true);
  view.setBigInt64(16 + header.length, -6n, true);
  assert.deepEqual(decodeSafetensors(file).get("n")?.data, Float32Array.of(5, -6));
});

Deno.test("a file that is cut short is refused", () => {
  const file = encodeSafetensors(tensors);
  assert.throws(() => decodeSafetensors(file.subarray(0, -1)), /ends before "größe"/);
  assert.throws(() => decodeSafetensors(file.subarray(0, 20)), /no safetensors file/);
  assert.throws(() => decodeSafetensors(new Uint8Array(3)), /no safetensors file/);
});
