// Remembered digests: an unchanged file is not read again, and a changed one always is.
import assert from "node:assert/strict";
import { digestBytes } from "../../../../engine/cache/content/digest.ts";
import { FileDigests } from "../../../../engine/cache/content/file_digests.ts";
import { openIndex } from "../../../../engine/cache/index/index_db.ts";
import {
  firstChanged,
  isSettled,
  sameStamp,
  stampOf,
  type StatStamp,
  untilDistinct,
} from "../../../../engine/cache/content/stat_stamp.ts";
import { tempStore } from "../../../support/temp_store.ts";

const stamp: StatStamp = {
  device: 1,
  inode: 2,
  sizeBytes: 3,
  modifiedMs: 1000,
  changedMs: 1000,
};

Deno.test("an edit of the same size with its time set back is read anew", async () => {
  await using temp = await tempStore();
  const path = `${temp.folder}/x`;
  await Deno.writeTextFile(path, "one");
  const { mtime, atime } = await Deno.stat(path);
  assert.equal((await temp.store.digests.of(path)).digest, digestBytes("one"));
  await Deno.writeTextFile(path, "two");
  await Deno.utime(path, atime!, mtime!);
  assert.equal((await temp.store.digests.of(path)).digest, digestBytes("two"));
});

Deno.test("a remembered digest is believed only while every part of the stamp is the same", async () => {
  await using temp = await tempStore();
  const path = `${temp.folder}/x`;
  await Deno.writeTextFile(path, "one");
  const { device, inode, sizeBytes, modifiedMs, changedMs } = stampOf(await Deno.stat(path));
  const columns = [device, inode, sizeBytes, modifiedMs, changedMs];
  const lie = digestBytes("a lie that shows whether memory was believed");
  const index = openIndex(`${temp.folder}/index.sqlite`);
  const digests = new FileDigests(index);
  const believed = async (stamp: readonly number[]): Promise<boolean> => {
    index.prepare("INSERT OR REPLACE INTO file_digest VALUES (?, ?, ?, ?, ?, ?, ?)")
      .run(path, ...stamp, lie);
    return (await digests.of(path)).digest === lie;
  };
  assert.equal(await believed(columns), true);
  for (const at of columns.keys()) {
    assert.equal(await believed(columns.with(at, columns[at]! + 1)), false, `part ${at}`);
  }
  index.close();
});

Deno.test("a file that changed just now is not remembered, one that has rested is", async () => {
  await using temp = await tempStore();
  const index = openIndex(`${temp.folder}/index.sqlite`);
  const digests = new FileDigests(index);
  const remembered = (): number => index.prepare("SELECT path FROM file_digest").all().length;
  await Deno.writeTextFile(`${temp.folder}/x`, "x");
  await digests.of(`${temp.folder}/x`);
  assert.equal(remembered(), 0);
  const now = Date.now;
  try {
    Date.now = () => now() + 5000;
    await digests.of(`${temp.folder}/x`);
  } finally {
    Date.now = now;
  }
  assert.equal(remembered(), 1);
  index.close();
});

Deno.test("a stamp is settled two seconds after the later of its times", () => {
  assert.equal(isSettled(stamp, 2999), false);
  assert.equal(isSettled(stamp, 3000), true);
  assert.equal(isSettled({ ...stamp, modifiedMs: 5000 }, 6999), false);
  assert.equal(isSettled({ ...stamp, changedMs: 5000 }, 6999), false);
});

Deno.test("an edit can hide only in the second of the last change", () => {
  const wait = untilDistinct({ ...stamp, changedMs: 5000 }, 5300);
  assert.ok(wait > 700 && wait < 800, `${wait} ms, with room for a clock that lags`);
  assert.equal(untilDistinct({ ...stamp, changedMs: 5000 }, 7000), 0);
  assert.ok(
    untilDistinct({ ...stamp, changedMs: 9e12 }, 7000) <= 1100,
    "a clock that is wrong costs a second",
  );
});

Deno.test("stamps tell the first file that changed or went away", async () => {
  await using temp = await tempStore();
  const [one, two] = [`${temp.folder}/one`, `${temp.folder}/two`];
  await Deno.writeTextFile(one, "1");
  await Deno.writeTextFile(two, "2");
  const stamps = new Map(
    [one, two].map((path) => [path, stampOf(Deno.statSync(path))] as const),
  );
  assert.equal(firstChanged(stamps), undefined);
  assert.ok(sameStamp(stamps.get(one)!, stampOf(Deno.statSync(one))));
  await Deno.writeTextFile(two, "longer");
  assert.equal(firstChanged(stamps), two);
  await Deno.remove(one);
  assert.equal(firstChanged(stamps), one);
});
