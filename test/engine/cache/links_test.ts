// Links and the store: what a step links to stays where and as it is, and views may need more links than
// there can be.
import assert from "node:assert/strict";
import { digestBytes } from "../../../engine/cache/content/digest.ts";
import { UnfitForTreeError } from "../../../engine/cache/content/tree.ts";
import { tempStore, writeFiles } from "../../support/temp_store.ts";

function names(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map((entry) => entry.name).sort();
}

Deno.test("an output folder that became a link to somebody's files leaves them where they are", async () => {
  await using temp = await tempStore();
  const { store, folder } = temp;
  await writeFiles(folder, { "theirs/a": "x" });
  await Deno.symlink(`${folder}/theirs`, `${folder}/out`);
  await assert.rejects(store.takeTree(`${folder}/out`), UnfitForTreeError);
  await writeFiles(folder, { "theirs/out/a": "x" });
  await Deno.symlink(`${folder}/theirs`, `${folder}/above`);
  await assert.rejects(store.takeTree(`${folder}/above/out`), UnfitForTreeError);
  assert.deepEqual(names(`${folder}/theirs`), ["a", "out"]);
});

Deno.test("a file that has another name elsewhere is copied, and stays as it was there", async () => {
  await using temp = await tempStore();
  const { store, folder } = temp;
  await writeFiles(folder, { "theirs.txt": "theirs", "out/": "" });
  await Deno.link(`${folder}/theirs.txt`, `${folder}/out/a.txt`);
  await Deno.link(`${folder}/theirs.txt`, `${folder}/out/b.txt`);
  const { digest } = await store.takeTree(`${folder}/out`);
  assert.equal((await Deno.stat(`${folder}/theirs.txt`)).mode! & 0o777, 0o644);
  await Deno.writeTextFile(`${folder}/theirs.txt`, "edited");
  await store.verifyTree(digest);
});

Deno.test("a view of more equal files than a file can have links shows them all", async () => {
  await using temp = await tempStore();
  const { store, folder } = temp;
  const { digest } = await temp.put({ "a.txt": "same", "b.txt": "same" });
  const object = store.objectPath(digestBytes("same"));
  try {
    await Deno.mkdir(`${folder}/links`);
    for (let at = 1; at < 65_000; at++) Deno.linkSync(object, `${folder}/links/${at}`);
    Deno.linkSync(object, `${folder}/links/last`);
  } catch (error) {
    assert.match(String(error), /too many links/i);
  }
  const { path } = await store.view(digest);
  assert.deepEqual(names(path), ["a.txt", "b.txt"]);
});
