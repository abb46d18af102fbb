// Which tiles are shown.
import assert from "node:assert/strict";
import { chooseTiles } from "../../../plugins/visualize/choose_tiles.ts";

const tiles = [
  { name: "good", accuracy: 0.9, meanIou: 0.9 },
  { name: "bad", accuracy: 0.2, meanIou: 0.1 },
  { name: "fair", accuracy: 0.6, meanIou: 0.5 },
  { name: "flat", accuracy: 1, meanIou: 1 },
  { name: "bare", accuracy: null, meanIou: null },
];
const varied = new Set(["good", "bad", "fair", "bare"]);
const names = (options: Partial<Parameters<typeof chooseTiles>[1]>): string[] =>
  chooseTiles(tiles, { pick: ["best"], count: 1, seed: 0, varied, ...options })
    .map(({ pick, rank, name }) => `${pick} ${rank} ${name}`);

Deno.test("the best tile shows several classes, others follow when those run out", () => {
  assert.deepEqual(names({ count: 4 }), [
    "best 1 good",
    "best 2 fair",
    "best 3 bad",
    "best 4 flat",
  ]);
});

Deno.test("no tile is shown twice, and fewer are shown where there are not enough", () => {
  assert.deepEqual(names({ pick: ["worst", "best"], count: 3 }), [
    "worst 1 bad",
    "worst 2 fair",
    "worst 3 good",
    "best 1 flat",
  ]);
});

Deno.test("random tiles are the same for a seed and never bare", () => {
  const once = names({ pick: ["random"], count: 9, seed: 5 });
  assert.deepEqual(once, names({ pick: ["random"], count: 9, seed: 5 }));
  assert.equal(once.length, 4);
  const orders = [1, 2, 3, 4, 5, 6].map((seed) => `${names({ pick: ["random"], count: 4, seed })}`);
  assert.ok(new Set(orders).size > 1);
});
