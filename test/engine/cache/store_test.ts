// The store: what goes in comes out, and damaged bytes never do.
import assert from "node:assert/strict";
import { dropActions, findAction, saveAction } from "../../../engine/cache/actions.ts";
import { type Digest, digestBytes } from "../../../engine/cache/content/digest.ts";
import { DamagedObjectError, Store, StoreFormatError } from "../../../engine/cache/store.ts";
import { UnfitForTreeError } from "../../../engine/cache/content/tree.ts";
import { Workspace } from "../../../engine/cache/workspace.ts";
import { damage, tempStore, writeFiles } from "../../support/temp_store.ts";

const FILES = { "a.txt": "alpha", "sub/b.txt": "beta", "empty/": "" };

/** A check for assert.rejects: the object with this content is damaged in this way. */
function damaged(kind: "missing" | "altered", text: string): (error: unknown) => boolean {
  return (error) =>
    error instanceof DamagedObjectError && error.damage === kind &&
    error.digest === digestBytes(text);
}

function names(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map((entry) => entry.name).sort();
}

Deno.test("a taken tree can be verified and copied out as it was", async () => {
  await using temp = await tempStore();
  const { store, folder } = temp;
  const source = `${folder}/source`;
  await writeFiles(source, { ...FILES, "run.sh": "#!/bin/sh" });
  await Deno.chmod(`${source}/run.sh`, 0o755);
  const tree = await store.takeTree(source);
  assert.deepEqual(await store.verifyTree(tree.digest), tree);
  assert.equal(tree.sizeBytes, 5 + 4 + 9);
  await store.copyOut(tree.digest, `${folder}/copy`);
  assert.equal(await Deno.readTextFile(`${folder}/copy/sub/b.txt`), "beta");
  assert.deepEqual(names(`${folder}/copy`), ["a.txt", "empty", "run.sh", "sub"]);
  assert.equal((await Deno.stat(`${folder}/copy/run.sh`)).mode! & 0o777, 0o755);
  await Deno.writeTextFile(`${folder}/copy/a.txt`, "the reader may write");
  await store.verifyTree(tree.digest);
});

Deno.test("a tree with a link is not taken", async () => {
  await using temp = await tempStore();
  await writeFiles(temp.folder, { "t/a": "x" });
  await Deno.symlink("/etc/passwd", `${temp.folder}/t/link`);
  await assert.rejects(temp.store.takeTree(`${temp.folder}/t`), UnfitForTreeError);
});

for (
  const [what, kind, harm] of [
    ["altered at the same size", "altered", (path) => damage(path, "ALPHA")],
    ["truncated", "altered", (path) => damage(path, "al")],
    ["missing", "missing", (path) => Deno.remove(path)],
  ] satisfies [string, "missing" | "altered", (path: string) => Promise<void>][]
) {
  Deno.test(`an object that is ${what} is reported by every way to read it`, async () => {
    for (const way of ["verifyTree", "view", "copyOut"] as const) {
      await using temp = await tempStore();
      const { store, folder } = temp;
      const { digest } = await temp.put(FILES);
      await harm(store.objectPath(digestBytes("alpha")));
      await assert.rejects(store[way](digest, `${folder}/copy`), damaged(kind, "alpha"), way);
    }
  });
}

Deno.test("altered bytes are set aside, and taking the same content again mends the store", async () => {
  await using temp = await tempStore();
  const { store } = temp;
  const { digest } = await temp.put(FILES);
  await damage(store.objectPath(digestBytes("alpha")), "ALPHA");
  await assert.rejects(store.verifyTree(digest), damaged("altered", "alpha"));
  const [aside = ""] = names(`${store.folder}/quarantine`);
  assert.equal(await Deno.readTextFile(`${store.folder}/quarantine/${aside}`), "ALPHA");
  await assert.rejects(store.verifyTree(digest), damaged("missing", "alpha"));
  assert.equal((await temp.put(FILES)).digest, digest);
  await store.verifyTree(digest);
});

Deno.test("taking content whose object is damaged replaces the object", async () => {
  await using temp = await tempStore();
  const { store } = temp;
  const { digest } = await temp.put(FILES);
  await damage(store.objectPath(digestBytes("alpha")), "ALPHA");
  await temp.put(FILES);
  await store.verifyTree(digest);
});

Deno.test("a damaged manifest is reported and set aside", async () => {
  await using temp = await tempStore();
  const { store } = temp;
  const { digest } = await temp.put(FILES);
  await damage(store.objectPath(digest), "cairn-tree/1\n");
  await assert.rejects(store.readTree(digest), DamagedObjectError);
  assert.equal(names(`${store.folder}/quarantine`).length, 1);
});

Deno.test("a view shows the tree and is made once", async () => {
  await using temp = await tempStore();
  const { digest } = await temp.put(FILES);
  const view = await temp.store.view(digest);
  assert.equal(await Deno.readTextFile(`${view.path}/sub/b.txt`), "beta");
  assert.deepEqual(names(view.path), ["a.txt", "empty", "sub"]);
  assert.equal(view.tree.digest, digest);
  const made = (await Deno.stat(view.path)).ino;
  assert.equal((await temp.store.view(digest)).path, view.path);
  assert.equal((await Deno.stat(view.path)).ino, made);
});

for (
  const [what, tamper] of [
    ["an extra file", (view) => Deno.writeTextFile(`${view}/extra`, "x")],
    ["a missing file", (view) => Deno.remove(`${view}/a.txt`)],
    ["another file in place of one", async (view) => {
      await Deno.remove(`${view}/a.txt`);
      await Deno.writeTextFile(`${view}/a.txt`, "alphA");
    }],
    ["a link", (view) => Deno.symlink("a.txt", `${view}/link`)],
    ["nothing left", async (view) => {
      await Deno.remove(view, { recursive: true });
      await Deno.writeTextFile(view, "a file where the folder was");
    }],
  ] satisfies [string, (view: string) => Promise<void>][]
) {
  Deno.test(`a view that somebody tampered with is made anew: ${what}`, async () => {
    await using temp = await tempStore();
    const { store } = temp;
    const { digest } = await temp.put(FILES);
    await tamper((await store.view(digest)).path);
    const { path } = await store.view(digest);
    assert.deepEqual(names(path), ["a.txt", "empty", "sub"]);
    assert.equal(await Deno.readTextFile(`${path}/a.txt`), "alpha");
  });
}

Deno.test("writing through a view is noticed, because it alters the store", async () => {
  await using temp = await tempStore();
  const { store } = temp;
  const { digest } = await temp.put(FILES);
  const { path } = await store.view(digest);
  await damage(`${path}/a.txt`, "ALPHA");
  await assert.rejects(store.view(digest), damaged("altered", "alpha"));
  await assert.rejects(store.verifyTree(digest), DamagedObjectError);
});

Deno.test("copying a file out replaces what is there at once and leaves nothing beside it", async () => {
  await using temp = await tempStore();
  const { store, folder } = temp;
  const tree = await temp.put({ "a.txt": "alpha" });
  const [entry] = tree.entries;
  assert.ok(entry?.type === "file");
  await Deno.writeTextFile(`${folder}/a.txt`, "old");
  await store.copyFile(entry, `${folder}/a.txt`, store.workspace.path);
  assert.equal(await Deno.readTextFile(`${folder}/a.txt`), "alpha");
  assert.deepEqual(names(folder), ["a.txt"]);
});

Deno.test("a store of a later version is refused and left alone", async () => {
  await using temp = await tempStore();
  const path = `${temp.folder}/later`;
  await writeFiles(path, { "FORMAT": "2\n" });
  await assert.rejects(
    Store.open(path),
    (error) =>
      error instanceof StoreFormatError &&
      /format 2, this version reads format 1/.test(error.message),
  );
  assert.equal(await Deno.readTextFile(`${path}/FORMAT`), "2\n");
  assert.deepEqual(names(path), ["FORMAT"]);
});

Deno.test("a store that many processes open for the first time at once serves all of them", async () => {
  await using temp = await tempStore();
  const module = new URL("../../../engine/cache/store.ts", import.meta.url).href;
  const code = `import { Store } from ${JSON.stringify(module)};
    await Deno.stdin.read(new Uint8Array(1));
    for (let at = 0; at < 5; at++) {
      await using store = await Store.open(${JSON.stringify(temp.folder)} + "/shared-" + at);
      await store.putBlob("x");
    }`;
  const processes = Array.from({ length: 4 }, () =>
    new Deno.Command(Deno.execPath(), {
      args: ["eval", "--no-check", code],
      stdin: "piped",
      stdout: "null",
      stderr: "piped",
    }).spawn());
  for (const process of processes) await process.stdin.close();
  const ends = await Promise.all(processes.map((process) => process.output()));
  assert.deepEqual(ends.map(({ stderr }) => new TextDecoder().decode(stderr)), ["", "", "", ""]);
});

Deno.test("a format file that a crash left empty does not lock people out", async () => {
  await using temp = await tempStore();
  const path = `${temp.folder}/torn`;
  await writeFiles(path, { "FORMAT": "" });
  await using store = await Store.open(path);
  await store.putBlob("x");
  assert.equal(await Deno.readTextFile(`${path}/FORMAT`), "1\n");
});

Deno.test("opening a store removes what dead processes left and nothing of live ones", async () => {
  await using temp = await tempStore();
  const parent = `${temp.store.folder}/tmp`;
  await writeFiles(parent, { "dead/owner.lock": "", "dead/outputs/half.txt": "half" });
  const kept = `${temp.store.workspace.path}/work.txt`;
  await Deno.writeTextFile(kept, "in use");
  await using second = await Store.open(temp.store.folder);
  assert.equal(await Deno.readTextFile(kept), "in use");
  const folders = [temp.store, second].map((store) =>
    store.workspace.path.slice(parent.length + 1)
  );
  assert.deepEqual(names(parent), folders.sort());
});

Deno.test("a workspace that is removed is gone for those who come after", async () => {
  await using temp = await tempStore();
  const parent = `${temp.folder}/tmp`;
  await Deno.mkdir(parent);
  const first = await Workspace.open(parent);
  const second = await Workspace.open(parent);
  assert.notEqual(first.path, second.path);
  await first.remove();
  await second.remove();
  assert.deepEqual(names(parent), []);
});

const record = (fingerprint: Digest, finishedAtMs: number) =>
  ({
    fingerprint,
    material: digestBytes("m"),
    outputs: { out: digestBytes(String(finishedAtMs)) },
    effects: [],
    run: `run${finishedAtMs}`,
    step: "a",
    finishedAtMs,
    durationMs: 1,
    sizeBytes: 1,
  }) as const;

Deno.test("the newest of several results is found, and none once they are dropped", async () => {
  await using temp = await tempStore();
  const { store } = temp;
  const fingerprint = digestBytes("f");
  assert.equal(await findAction(store, fingerprint), undefined);
  await saveAction(store, record(fingerprint, 900));
  await saveAction(store, record(fingerprint, 1000));
  await saveAction(store, record(fingerprint, 950));
  assert.deepEqual(await findAction(store, fingerprint), record(fingerprint, 1000));
  assert.equal(await findAction(store, digestBytes("other")), undefined);
  await dropActions(store, fingerprint);
  assert.equal(await findAction(store, fingerprint), undefined);
});

for (
  const [what, harm] of [
    ["altered", (text) => text.replace('"durationMs":1', '"durationMs":2')],
    ["truncated", (text) => text.slice(0, -20)],
    ["empty", () => ""],
    ["not JSON", () => "\u0000\u0000"],
    ["without a checksum", (text) => JSON.stringify({ record: JSON.parse(text).record })],
  ] satisfies [string, (text: string) => string][]
) {
  Deno.test(`a result whose record is ${what} is none, and an older one is found`, async () => {
    await using temp = await tempStore();
    const { store } = temp;
    const fingerprint = digestBytes("f");
    await saveAction(store, record(fingerprint, 1));
    await saveAction(store, record(fingerprint, 2));
    const newest = actionFiles(store).at(-1) ?? "";
    await Deno.writeTextFile(newest, harm(await Deno.readTextFile(newest)));
    assert.equal((await findAction(store, fingerprint))?.finishedAtMs, 1);
    assert.equal(actionFiles(store).length, 1);
  });
}

Deno.test("a record in another fingerprint's folder is not believed", async () => {
  await using temp = await tempStore();
  const { store } = temp;
  await saveAction(store, record(digestBytes("f"), 1));
  await saveAction(store, record(digestBytes("g"), 2));
  const [one = "", other = ""] = actionFiles(store);
  await Deno.copyFile(one, other);
  const found = [
    await findAction(store, digestBytes("f")),
    await findAction(store, digestBytes("g")),
  ];
  assert.equal(found.filter((record) => record === undefined).length, 1);
});

function actionFiles(store: Store): string[] {
  const root = `${store.folder}/actions`;
  return names(root).flatMap((first) =>
    names(`${root}/${first}`).flatMap((rest) =>
      names(`${root}/${first}/${rest}`).map((name) => `${root}/${first}/${rest}/${name}`)
    )
  );
}
