// Images that are in two splits are found by name and by content, and all of them are named.
import assert from "node:assert/strict";
import { type DividedSource, leakProblem } from "../../../plugins/prepare/leaks.ts";
import type { Split } from "../../../plugins/tiles/manifest.ts";

/** Writes files and asks for the leaks among them. */
async function problemOf(
  sources: readonly (readonly [name: string, content: string, ...splits: Split[]])[],
): Promise<{ readonly message: string; readonly hint: string | undefined } | undefined> {
  const folder = await Deno.makeTempDir({ prefix: "cairn_leaks_" });
  try {
    const divided: DividedSource[] = [];
    for (const [name, content, ...splits] of sources) {
      const path = `${folder}/${name}`;
      await Deno.writeTextFile(path, content);
      divided.push({ name, path, splits: new Set(splits) });
    }
    return await leakProblem(divided);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("images that are whole in one split do not leak, copies within a split neither", async () => {
  const problem = await problemOf([
    ["a.tif", "one", "train"],
    ["copy.tif", "one", "train"],
    ["b.tif", "two", "val"],
    ["c.tif", "six", "test"],
  ]);
  assert.equal(problem, undefined);
});

Deno.test("an image that is divided is named with its splits", async () => {
  const problem = await problemOf([["a.tif", "one", "test", "train"], ["b.tif", "two", "val"]]);
  assert.equal(
    problem?.message,
    'What is in two splits leaks from one into the other: "a.tif" is in train and test',
  );
  assert.equal(problem?.hint, 'Divide whole images; "on-leak: warn" goes on all the same');
});

Deno.test("an image under two names is found by its content", async () => {
  const problem = await problemOf([
    ["a.tif", "one", "train"],
    ["b.tif", "two", "val"],
    ["copy.tif", "one", "test"],
  ]);
  assert.match(
    problem?.message ?? "",
    /: "copy\.tif" in test is the same image as "a\.tif" in train$/,
  );
  assert.match(problem?.hint ?? "", /^Keep one file of each image, or .* "group";/);
});

Deno.test("of many leaks the first few are named and the others counted", async () => {
  const all = Array.from({ length: 9 }, (_, index) => [`${index}.tif`, `${index}`] as const);
  const problem = await problemOf(all.map(([name, text]) => [name, text, "train", "val"]));
  assert.match(problem?.message ?? "", /"4\.tif" is in train and val, and 4 more$/);
});
