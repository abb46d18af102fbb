// The machine for pickles, on pickles written by hand.
import assert from "node:assert/strict";
import { ByteReader } from "../../../../plugins/nn/checkpoints/bytes.ts";
import {
  Global,
  type Surroundings,
  unpickle,
} from "../../../../plugins/nn/checkpoints/torch/pickle.ts";

const surroundings: Surroundings = {
  global: (name) => {
    if (name === "test.join") return new Global(name, (values) => values.join("+"));
    if (name === "test.name") return new Global(name);
    throw new Error(`refused ${name}`);
  },
  persistent: (id) => `outside ${id}`,
};

/** Reads a pickle given as text, one byte per character. */
function read(pickle: string): unknown {
  const bytes = Uint8Array.from(pickle, (letter) => letter.charCodeAt(0));
  return unpickle(new ByteReader(bytes), surroundings);
}

Deno.test("values of every kind are read", () => {
  const cases: readonly (readonly [string, unknown])[] = [
    ["\x80\x02N.", null],
    ["\x88.", true],
    ["K\x07.", 7],
    ["M\x01\x02.", 513],
    ["J\xff\xff\xff\xff.", -1],
    ["\x8a\x01\xfe.", -2],
    ["\x8a\x09\x00\x00\x00\x00\x00\x00\x00\x00\x01.", 2n ** 64n],
    ["G\x3f\xf8\x00\x00\x00\x00\x00\x00.", 1.5],
    ["X\x02\x00\x00\x00ab.", "ab"],
    ["](K\x01K\x02e.", [1, 2]],
    ["(K\x01K\x02t.", [1, 2]],
    ["K\x01K\x02\x86.", [1, 2]],
    ["}K\x01K\x02s.", new Map([[1, 2]])],
    ["}(K\x01K\x02K\x03K\x04u.", new Map([[1, 2], [3, 4]])],
    ["K\x05Q.", "outside 5"],
    ["ctest\njoin\nK\x01K\x02\x86R.", "1+2"],
    // Protocol 4 frames, numbers its memory itself and takes names of globals from the stack.
    ["\x80\x04\x95\x04\x00\x00\x00\x00\x00\x00\x00K\x05\x94h\x00\x86.", [5, 5]],
    ["\x8c\x04test\x8c\x04join\x93K\x01K\x02\x86R.", "1+2"],
  ];
  for (const [pickle, value] of cases) {
    assert.deepEqual(read(pickle), value);
  }
});

Deno.test("a value that was remembered is the same value", () => {
  const [first, second] = read("]q\x00h\x00\x86.") as unknown[];
  assert.equal(first, second);
});

Deno.test("what does not fit the stack is damage, not a crash", () => {
  for (const pickle of ["R.", "e.", "t.", "h\x09.", "K\x01K\x02R.", ")K\x01a.", "K\x01}b."]) {
    assert.throws(() => read(pickle), /is damaged/);
  }
  assert.throws(() => read("\xfe."), /no known instruction at byte 0/);
  assert.throws(() => read("K\x01"), /ends too early/);
});

Deno.test("a name that may only be mentioned cannot be called", () => {
  assert.throws(() => read("ctest\nname\n)R."), /it calls "test.name"/);
  assert.throws(() => read("cos\nsystem\n."), /refused os.system/);
});
