// Which steps a matrix makes, by the rules that GitHub Actions documents.
import assert from "node:assert/strict";
import {
  combine,
  type Matrix,
  productOf,
} from "../../../../../engine/workflow/sections/matrix/combinations.ts";

function matrix(parts: Partial<Matrix>): Matrix {
  return { axes: [], include: [], exclude: [], ...parts };
}

const AXES = [
  { key: "lr", values: [0.001, 0.0003] },
  { key: "base", values: [16, 32] },
];

function labels(parts: Partial<Matrix>): readonly string[] {
  return combine(matrix(parts)).combinations.map(({ label }) => label);
}

Deno.test("all values meet all values, the last key first, named in the order of the keys", () => {
  assert.deepEqual(labels({ axes: AXES }), [
    "lr=0.001,base=16",
    "lr=0.001,base=32",
    "lr=0.0003,base=16",
    "lr=0.0003,base=32",
  ]);
  assert.equal(productOf(AXES), 4);
});

Deno.test("an exclusion takes out all that has its values", () => {
  assert.deepEqual(labels({ axes: AXES, exclude: [{ lr: 0.001 }, { base: 16 }] }), [
    "lr=0.0003,base=32",
  ]);
  const nothing = combine(matrix({ axes: AXES, exclude: [{ base: 16 }, { lr: 1, base: 16 }] }));
  assert.deepEqual(nothing.excludingNothing, [1]);
});

Deno.test("inclusions extend what they fit, and make a combination where they fit nothing", () => {
  const { combinations } = combine(matrix({
    axes: [{ key: "fruit", values: ["apple", "pear"] }, { key: "animal", values: ["cat", "dog"] }],
    include: [
      { color: "green" },
      { color: "pink", animal: "cat" },
      { fruit: "apple", shape: "circle" },
      { fruit: "banana" },
      { fruit: "banana", animal: "cat" },
    ],
  }));
  assert.deepEqual(combinations, [
    {
      label: "fruit=apple,animal=cat",
      values: { fruit: "apple", animal: "cat", color: "pink", shape: "circle" },
    },
    {
      label: "fruit=apple,animal=dog",
      values: { fruit: "apple", animal: "dog", color: "green", shape: "circle" },
    },
    {
      label: "fruit=pear,animal=cat",
      values: { fruit: "pear", animal: "cat", color: "pink" },
    },
    {
      label: "fruit=pear,animal=dog",
      values: { fruit: "pear", animal: "dog", color: "green" },
    },
    { label: "fruit=banana", values: { fruit: "banana" } },
    { label: "fruit=banana,animal=cat", values: { fruit: "banana", animal: "cat" } },
  ]);
});

Deno.test("inclusions alone make a matrix, each of them once", () => {
  const include = [{ site: "north", year: 2024 }, { site: "south" }, { site: "south" }];
  assert.deepEqual(labels({ include }), ["site=north,year=2024", "site=south"]);
  assert.deepEqual(combine(matrix({ include })).includedTwice, [2]);
});

Deno.test("what is excluded can be included again with more", () => {
  const expansion = combine(matrix({
    axes: AXES,
    exclude: [{ lr: 0.001 }],
    include: [{ lr: 0.001, base: 16, epochs: 3 }],
  }));
  assert.deepEqual(expansion.combinations.at(-1), {
    label: "lr=0.001,base=16,epochs=3",
    values: { lr: 0.001, base: 16, epochs: 3 },
  });
});

Deno.test("a name does not change when values are added, moved or taken away", () => {
  const more = [{ key: "lr", values: [0.1, 0.0003, 0.001] }, { key: "base", values: [64, 32, 16] }];
  const all = new Set(labels({ axes: more }));
  for (const label of labels({ axes: AXES })) assert.ok(all.has(label), label);
});

Deno.test("many rules take no quadratic time", () => {
  const values = Array.from({ length: 10_000 }, (_, at) => at);
  const begunMs = performance.now();
  const { combinations } = combine(matrix({
    axes: [{ key: "a", values }],
    exclude: values.slice(1000).map((a) => ({ a })),
    include: values.slice(0, 1000).map((a) => ({ a, b: -a })),
  }));
  assert.equal(combinations.length, 1000);
  assert.equal(combinations[7]?.values["b"], -7);
  const tookMs = performance.now() - begunMs;
  assert.ok(tookMs < 1000, `took ${tookMs} ms`);
});
