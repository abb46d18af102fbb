// Which changes count: what decides how a run ends, never what cairn writes.
import assert from "node:assert/strict";
import { isWatched, pathsOfMistakes } from "../../../../engine/run/watch/watched_paths.ts";

Deno.test("files, and all that lies in folders, count; what cairn writes among it does not", () => {
  const paths = {
    files: new Set(["/p/w.yaml", "/p/data"]),
    folders: ["/p/data"],
    ignored: ["/p/data/out", "/p/.cairn"],
  };
  const counts = (path: string): boolean => isWatched(paths, path);
  assert.deepEqual(["/p/w.yaml", "/p/data", "/p/data/a/b.tif"].map(counts), [true, true, true]);
  assert.deepEqual(["/p/other", "/p/w.yaml~", "/p/database"].map(counts), [false, false, false]);
  assert.deepEqual(["/p/data/out/x", "/p/data/out", "/p/.cairn/FORMAT"].map(counts), [
    false,
    false,
    false,
  ]);
});

Deno.test("mistakes may be mended anywhere in the project but in hidden folders and packages", () => {
  const paths = pathsOfMistakes("/.home/p/w.yaml", "/.home/p", ["/.home/p/out"]);
  const counts = (path: string): boolean => isWatched(paths, path);
  assert.deepEqual(["/.home/p/w.yaml", "/.home/p/plugins/a.ts"].map(counts), [true, true]);
  const others = ["/.home/p/.git/HEAD", "/.home/p/node_modules/a.js", "/.home/p/out/x", "/.home/q"];
  assert.deepEqual(others.map(counts), [false, false, false, false]);
});
