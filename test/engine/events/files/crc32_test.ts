// The checksum of journal lines is the one that everybody else computes.
import assert from "node:assert/strict";
import { crc32 as reference } from "node:zlib";
import { crc32 } from "../../../../engine/events/files/crc32.ts";

Deno.test("the checksum is that of zlib, for every byte", () => {
  assert.equal(crc32(new TextEncoder().encode("123456789")), 0xcbf43926);
  const bytes = Uint8Array.from({ length: 1000 }, (_, at) => (at * 7) % 256);
  assert.equal(crc32(bytes), reference(bytes));
  assert.equal(crc32(new Uint8Array()), 0);
});
