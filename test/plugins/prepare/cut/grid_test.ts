// Where tiles lie and how they are numbered, for each edge policy.
import assert from "node:assert/strict";
import { type EdgePolicy, type Grid, tileRows } from "../../../../plugins/prepare/cut/grid.ts";

function columns(width: number, options: Partial<Grid>): number[] {
  const grid = { width, height: 10, tile: 10, stride: 10, edge: "drop" as EdgePolicy, ...options };
  return tileRows(grid).flat().map(({ x }) => x);
}

Deno.test("Tiles that reach over the edge are dropped, filled up or moved inside", () => {
  assert.deepEqual(columns(25, { edge: "drop" }), [0, 10]);
  assert.deepEqual(columns(25, { edge: "pad" }), [0, 10, 20]);
  assert.deepEqual(columns(25, { edge: "shift" }), [0, 10, 15]);
});

Deno.test("An image that tiles fill exactly has the same tiles under every policy", () => {
  for (const edge of ["drop", "pad", "shift"] as const) {
    assert.deepEqual(columns(30, { edge }), [0, 10, 20]);
  }
});

Deno.test("Overlapping tiles end where the edge is covered", () => {
  assert.deepEqual(columns(24, { edge: "pad", stride: 5 }), [0, 5, 10, 15]);
  assert.deepEqual(columns(24, { edge: "shift", stride: 5 }), [0, 5, 10, 14]);
  assert.deepEqual(columns(25, { edge: "pad", stride: 5 }), [0, 5, 10, 15]);
  assert.deepEqual(columns(24, { edge: "drop", stride: 5 }), [0, 5, 10]);
});

Deno.test("An image smaller than a tile gives one filled tile, or none where tiles are dropped", () => {
  assert.deepEqual(columns(7, { edge: "drop" }), []);
  assert.deepEqual(columns(7, { edge: "pad" }), [0]);
  assert.deepEqual(columns(7, { edge: "shift" }), [0]);
});

Deno.test("Tiles are numbered like LandCover.ai's: dropped ones at the edge count too", () => {
  // One of its rasters has this size; its lists name 72 tiles, 0-7, 9-16 and so on.
  const grid = { width: 4136, height: 4701, tile: 512, stride: 512, edge: "drop" } as const;
  const indices = tileRows(grid).flat().map(({ index }) => index);
  assert.equal(indices.length, 72);
  assert.deepEqual(indices.slice(6, 10), [6, 7, 9, 10]);
  assert.ok(indices.every((index) => index % 9 !== 8));
});

Deno.test("Every pixel lies in a tile when edges are filled or covered, for many sizes", () => {
  for (let width = 1; width < 40; width++) {
    for (const edge of ["pad", "shift"] as const) {
      for (const stride of [3, 7, 10]) {
        const covered = new Set(
          columns(width, { edge, stride }).flatMap((x) =>
            Array.from({ length: 10 }, (_, i) => x + i)
          ),
        );
        for (let x = 0; x < width; x++) {
          assert.ok(covered.has(x), `${width} ${edge} ${stride} ${x}`);
        }
      }
    }
  }
});
