// Precise times of change: what whole seconds hide.
import assert from "node:assert/strict";
import { changeTimes } from "../../../../engine/cache/content/change_times.ts";
import { tempStore, writeFiles } from "../../../support/temp_store.ts";

const LONGEST_TICK_MS = 50;

Deno.test("an edit within the same second changes the time, also where the stamp is put back", async () => {
  await using temp = await tempStore();
  await writeFiles(temp.folder, { "a": "good", "b": "other" });
  const [a, b] = [`${temp.folder}/a`, `${temp.folder}/b`];
  const before = await changeTimes([a, b]);
  assert.ok(before !== undefined, "this system has a program that tells");
  const { atime, mtime } = await Deno.stat(a);
  await new Promise((resolve) => setTimeout(resolve, LONGEST_TICK_MS)); // a tick of the file system's clock
  await Deno.writeTextFile(a, "evil");
  await Deno.utime(a, atime!, mtime!);
  const after = await changeTimes([a, b]);
  assert.ok(after!.get(a)! > before.get(a)!);
  assert.equal(after!.get(b), before.get(b));
});

Deno.test("what is asked in one turn is answered together", async () => {
  await using temp = await tempStore();
  const names = Array.from({ length: 1200 }, (_, at) => `f${at}`);
  await writeFiles(temp.folder, Object.fromEntries(names.map((name) => [name, "x"])));
  const answers = await Promise.all(names.map((name) => changeTimes([`${temp.folder}/${name}`])));
  assert.equal(new Set(answers).size, 1);
  assert.equal(answers[0]?.size, names.length);
});

Deno.test("a file that is gone is no answer, which counts as a change", async () => {
  await using temp = await tempStore();
  assert.equal(await changeTimes([`${temp.folder}/gone`]), undefined);
});
