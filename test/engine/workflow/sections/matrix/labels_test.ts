// Names of combinations: safe everywhere, different for different values, found however they are written.
import assert from "node:assert/strict";
import {
  canonicalLabel,
  labelOf,
  valueText,
} from "../../../../../engine/workflow/sections/matrix/labels.ts";

Deno.test("a label holds only what file names, addresses and shells take", () => {
  assert.equal(labelOf(["a", "b", "c"], { c: true, a: 1e-3 }), "a=0.001,c=true");
  assert.equal(valueText("data/site a.tif"), "data%2Fsite%20a.tif");
  assert.equal(valueText("a,b=[c]*'(!)~"), "a%2Cb%3D%5Bc%5D%2A%27%28%21%29%7E");
  assert.equal(valueText("größe+1"), "gr%C3%B6%C3%9Fe+1");
  assert.equal(valueText("\ud800"), "%EF%BF%BD");
  assert.equal(valueText("100%"), "100%25");
});

Deno.test("keys that JavaScript knows are keys like others", () => {
  assert.equal(labelOf(["constructor", "x"], { x: 1 }), "x=1");
});

Deno.test("different texts have different labels", () => {
  const texts = [
    "a b",
    "a%20b",
    "a+b",
    "a_b",
    "a.b",
    "A b",
    "",
    " ",
    "1",
    "1.0",
    "%",
    "ä",
    "a\u0308",
  ];
  assert.equal(new Set(texts.map(valueText)).size, texts.length);
});

Deno.test("a label is found with its keys in another order and its values as they were written", () => {
  const written = canonicalLabel("lr=0.001,site=data%2Fa.tif,base=16");
  assert.equal(canonicalLabel("base=16, lr=1e-3, site=data/a.tif"), written);
  assert.equal(canonicalLabel("site=data/a.tif,base=16.0,lr=.001"), written);
  assert.notEqual(canonicalLabel("site=data/b.tif,base=16,lr=.001"), written);
});
