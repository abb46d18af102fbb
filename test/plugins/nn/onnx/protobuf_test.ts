// The wire format, against bytes from the specification.
import assert from "node:assert/strict";
import { ProtobufWriter } from "../../../../plugins/nn/onnx/protobuf.ts";

const hex = (writer: ProtobufWriter): string => writer.finish().toHex();

Deno.test("integers are varints, seven bits at a time", () => {
  assert.equal(hex(new ProtobufWriter().integer(1, 150)), "089601");
  assert.equal(hex(new ProtobufWriter().integer(1, 0)), "0800");
  assert.equal(hex(new ProtobufWriter().integer(20, 2 ** 40)), "a001808080808020");
});

Deno.test("a negative integer takes ten bytes", () => {
  assert.equal(hex(new ProtobufWriter().integer(1, -1)), "08ffffffffffffffffff01");
});

Deno.test("text and nested messages carry their length in bytes", () => {
  assert.equal(hex(new ProtobufWriter().text(2, "testing")), "120774657374696e67");
  assert.equal(hex(new ProtobufWriter().text(2, "×")), "1202c397");
  const nested = new ProtobufWriter().message(3, (inner) => inner.integer(1, 150));
  assert.equal(hex(nested), "1a03089601");
});

Deno.test("floats are four bytes, little-endian", () => {
  assert.equal(hex(new ProtobufWriter().float(2, 1)), "150000803f");
});
