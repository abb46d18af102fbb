// Trees: manifests that cannot lead outside, scans that see content and nothing else.
import assert from "node:assert/strict";
import { digestBytes } from "../../../../engine/cache/content/digest.ts";
import {
  manifestOf,
  parseManifest,
  type ScannedTree,
  scanTree,
  type TreeEntry,
  treeOf,
  UnfitForTreeError,
} from "../../../../engine/cache/content/tree.ts";
import { type TempStore, tempStore, writeFiles } from "../../../support/temp_store.ts";

const file = (path: string): TreeEntry => ({
  type: "file",
  path,
  executable: false,
  sizeBytes: 1,
  digest: digestBytes("x"),
});

async function scan(
  { store, folder }: TempStore,
  name: string,
  links: "follow" | "refuse" = "follow",
): Promise<ScannedTree> {
  return await scanTree(`${folder}/${name}`, store.digests, { links });
}

Deno.test("a manifest reads back as the same tree", () => {
  const tree = treeOf([
    file("b/c.txt"),
    { ...file("a.sh"), executable: true } as TreeEntry,
    file('quote"\\.txt'),
    file("new\nline"),
    file("ä"),
    { type: "folder", path: "empty" },
  ]);
  assert.deepEqual(parseManifest(manifestOf(tree.entries)), tree);
  assert.equal(digestBytes(manifestOf(tree.entries)), tree.digest);
});

Deno.test("a manifest whose paths leave the folder is none", () => {
  const paths = ["../x", "a/../../x", "/etc/passwd", "", ".", "a//b", "a/./b", "a/", ".."];
  for (const path of paths) {
    assert.equal(parseManifest(manifestOf([file(path)])), undefined, path);
    assert.equal(parseManifest(manifestOf([{ type: "folder", path }])), undefined, path);
  }
});

Deno.test("text that is no manifest is none", () => {
  const good = manifestOf([file("a")]);
  const texts = ["", "x", good.slice(0, -1), good.slice(0, -5), `${good}[]\n`, `${good}\n`];
  for (const text of texts) assert.equal(parseManifest(text), undefined, JSON.stringify(text));
  assert.equal(parseManifest(good.replace("sha256:", "sha1:")), undefined);
});

Deno.test("a tree's digest depends on names, content, execute bits and empty folders only", async () => {
  await using temp = await tempStore();
  const { folder } = temp;
  await writeFiles(folder, { "one/a": "1", "one/sub/b": "2", "two/sub/b": "2", "two/a": "1" });
  const digestOf = async (name: string): Promise<string> => (await scan(temp, name)).tree.digest;
  const one = await digestOf("one");
  assert.equal(await digestOf("two"), one);
  await Deno.chmod(`${folder}/two/a`, 0o600);
  assert.equal(await digestOf("two"), one);
  await Deno.chmod(`${folder}/two/a`, 0o755);
  assert.notEqual(await digestOf("two"), one);
  await Deno.chmod(`${folder}/two/a`, 0o644);
  await writeFiles(folder, { "two/empty/": "" });
  assert.notEqual(await digestOf("two"), one);
  await Deno.remove(`${folder}/two/empty`);
  await Deno.rename(`${folder}/two/a`, `${folder}/two/A`);
  assert.notEqual(await digestOf("two"), one);
});

Deno.test("one file is a tree of one entry with the file's name", async () => {
  await using temp = await tempStore();
  await writeFiles(temp.folder, { "list.txt": "x" });
  const { tree, stamps } = await scan(temp, "list.txt");
  assert.deepEqual(tree.entries.map((entry) => entry.path), ["list.txt"]);
  assert.deepEqual([...stamps.keys()], [`${temp.folder}/list.txt`]);
});

Deno.test("links are followed to their content and their targets are told", async () => {
  await using temp = await tempStore();
  const { folder } = temp;
  await writeFiles(folder, {
    "far/x.txt": "x",
    "real/x.txt": "x",
    "real/d/x.txt": "x",
    "linked/": "",
  });
  await Deno.symlink(`${folder}/far/x.txt`, `${folder}/linked/x.txt`);
  await Deno.symlink("../far", `${folder}/linked/d`);
  const linked = await scan(temp, "linked");
  assert.equal(linked.tree.digest, (await scan(temp, "real")).tree.digest);
  assert.deepEqual([...linked.linkTargets].sort(), [`${folder}/far`, `${folder}/far/x.txt`]);
  assert.ok(linked.stamps.has(`${folder}/far/x.txt`), "the target is watched");
});

Deno.test("where links are refused the one found is named", async () => {
  await using temp = await tempStore();
  await writeFiles(temp.folder, { "t/sub/a": "x" });
  await Deno.symlink("a", `${temp.folder}/t/sub/link`);
  await assert.rejects(
    scan(temp, "t", "refuse"),
    (error) =>
      error instanceof UnfitForTreeError && /"sub\/link" is a symbolic/.test(error.message),
  );
});

Deno.test("links that lead nowhere or in circles are named, not followed for ever", async () => {
  await using temp = await tempStore();
  const { folder } = temp;
  await writeFiles(folder, {
    "broken/": "",
    "up/sub/": "",
    "pair/a/": "",
    "pair/b/": "",
    "self/": "",
  });
  await Deno.symlink("nowhere", `${folder}/broken/link`);
  await Deno.symlink("..", `${folder}/up/sub/link`);
  await Deno.symlink("../b", `${folder}/pair/a/link`);
  await Deno.symlink("../a", `${folder}/pair/b/link`);
  await Deno.symlink("link", `${folder}/self/link`);
  for (
    const [name, problem] of [
      ["broken", /broken\/link" is a symbolic link that leads nowhere/],
      ["up", /up\/sub\/link" is a symbolic link to a folder above it/],
      ["pair", /is a symbolic link to a folder above it/],
      ["self", /self\/link" is a symbolic link that leads nowhere/],
    ] satisfies [string, RegExp][]
  ) {
    await assert.rejects(
      scan(temp, name),
      (error) => error instanceof UnfitForTreeError && problem.test(error.message),
      name,
    );
  }
});

Deno.test("a pipe or socket in a folder is named, not read", async () => {
  await using temp = await tempStore();
  await writeFiles(temp.folder, { "t/": "" });
  await new Deno.Command("mkfifo", { args: [`${temp.folder}/t/pipe`] }).output();
  await assert.rejects(
    scan(temp, "t"),
    (error) => error instanceof UnfitForTreeError && /pipe" is neither a file/.test(error.message),
  );
});

Deno.test("a name that is not UTF-8 is refused: two of them could look the same", async () => {
  await using temp = await tempStore();
  await writeFiles(temp.folder, { "in/a\ufffd": "x" });
  await assert.rejects(scan(temp, "in"), /is not UTF-8 text/);
});
