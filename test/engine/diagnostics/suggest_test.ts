// Which name a slip probably meant, and when to keep silent.
import assert from "node:assert/strict";
import { nearest, quote, quoteList, suggestion } from "../../../engine/diagnostics/suggest.ts";

const names = ["epochs", "learning-rate", "device", "tile"];

Deno.test("a swapped, missing, added or wrong letter finds the name", () => {
  for (const slip of ["epohcs", "epoch", "epochss", "epochz", "Epochs", "EPOCHS"]) {
    assert.equal(nearest(slip, names), "epochs", slip);
  }
  assert.equal(nearest("learning_rate", names), "learning-rate");
});

Deno.test("words that are not near any name find none", () => {
  for (const word of ["", "x", "size", "batch", "optimizer"]) {
    assert.equal(nearest(word, names), undefined, word);
  }
});

Deno.test("short words are only found by their case", () => {
  assert.equal(nearest("a", ["b", "A"]), "A");
  assert.equal(nearest("a", ["b", "c"]), undefined);
});

Deno.test("a name that is there wins over those that are near", () => {
  assert.equal(nearest("tiles", ["tile", "tiles"]), "tiles");
});

Deno.test("without a near name the hint lists what there is", () => {
  assert.equal(suggestion("epoch", names, "Options"), 'Did you mean "epochs"?');
  assert.equal(suggestion("zzzz", ["a", "b"], "Options"), 'Options: "a", "b"');
  assert.equal(suggestion("zzzz", [], "Options"), undefined);
});

Deno.test("long lists and long words are cut", () => {
  const many = Array.from({ length: 20 }, (_, index) => `n${index}`);
  assert.ok(quoteList(many).endsWith('"n14" and 5 more'));
  assert.equal(quote("x".repeat(100)).length, 82);
  assert.equal(quote("two\nlines"), '"two lines"');
});
