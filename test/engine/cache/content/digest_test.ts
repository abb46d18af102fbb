// Digests of structured values: equal for equal values, different for all others.
import assert from "node:assert/strict";
import {
  digestBytes,
  digestFile,
  digestValue,
  hexOf,
  parseDigest,
  type Value,
} from "../../../../engine/cache/content/digest.ts";

const digest = (value: Value): string => digestValue("test", value);

Deno.test("the order of an object's keys does not matter", () => {
  assert.equal(digest({ a: 1, b: { c: 2, d: 3 } }), digest({ b: { d: 3, c: 2 }, a: 1 }));
});

Deno.test("a field without value is the same as no field, but not as null", () => {
  assert.equal(digest({ a: 1, b: undefined }), digest({ a: 1 }));
  assert.notEqual(digest({ a: 1, b: null }), digest({ a: 1 }));
});

Deno.test("minus zero is zero", () => {
  assert.equal(digest(-0), digest(0));
  assert.equal(digest([{ x: -0 }]), digest([{ x: 0 }]));
});

Deno.test("values that look alike when printed have digests of their own", () => {
  const alike: readonly Value[] = [
    "\ufffd",
    "\ud800",
    "\udc00",
    '"\\ud800"',
    null,
    "null",
    "",
    0,
    "0",
    1,
    "1",
    true,
    "true",
    false,
    [],
    {},
    "[]",
    [[]],
    [null],
    ["ab"],
    ["a", "b"],
    ["b", "a"],
    ["a", ["b"]],
    "a,b",
    { a: "b" },
    [["a", "b"]],
    { a: { b: "c" } },
    { "a.b": "c" },
    { a: "1" },
    { a: 1 },
    "s1:a",
    ["s1:a"],
    "ä",
    "a\u0308",
    1e21,
    "1e+21",
    0.1,
    0.1 + 0.2,
    0.3,
  ];
  const digests = alike.map(digest);
  for (const [index, one] of digests.entries()) {
    const twin = digests.indexOf(one);
    assert.equal(twin, index, `${JSON.stringify(alike[twin])} = ${JSON.stringify(alike[index])}`);
  }
});

Deno.test("the tag keeps kinds of values apart", () => {
  assert.notEqual(digestValue("a", "b"), digestValue("ab", ""));
  assert.notEqual(digestValue("action", 1), digestValue("tree", 1));
});

Deno.test("numbers that JSON cannot hold are refused", () => {
  for (const value of [NaN, Infinity, -Infinity]) {
    assert.throws(() => digest({ lr: value }), TypeError);
  }
});

Deno.test("the encoding stays what it was, or every stored result is lost", () => {
  const value = { b: [1, "1", true, null, -2.5], a: { "ü": "" } };
  const encoding = "s6:golden" + "o2:" + "s1:a" + "o1:s2:üs0:" + "s1:b" + "a5:d1;s1:1t;n;d-2.5;";
  assert.equal(digestValue("golden", value), digestBytes(encoding));
});

Deno.test("a file's digest is that of its bytes, however large it is", async () => {
  const path = await Deno.makeTempFile();
  try {
    const bytes = new Uint8Array(3_000_001).map((_, index) => index % 251);
    await Deno.writeFile(path, bytes);
    assert.equal(await digestFile(path), digestBytes(bytes));
    assert.equal(await digestFile(path, 10), digestBytes(bytes), "also where it grew meanwhile");
    assert.equal(
      digestBytes(""),
      "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    );
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("only whole digests are read from text", () => {
  const text = digestBytes("x");
  assert.equal(parseDigest(text), text);
  assert.equal(hexOf(text).length, 64);
  for (const wrong of ["", hexOf(text), `${text}0`, text.slice(0, -1), text.toUpperCase()]) {
    assert.equal(parseDigest(wrong), undefined, wrong);
  }
  assert.equal(parseDigest(`sha256:${"../../".repeat(21)}a`), undefined);
});
