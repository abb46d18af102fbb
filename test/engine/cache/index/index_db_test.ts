// The index is a hint: losing it costs time, never a run.
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { openIndex } from "../../../../engine/cache/index/index_db.ts";
import { LastResults } from "../../../../engine/cache/index/last_results.ts";
import { digestBytes } from "../../../../engine/cache/content/digest.ts";

async function inFolder(work: (path: string) => Promise<void> | void): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "cairn_index_" });
  try {
    await work(`${folder}/index.sqlite`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Fills an index with so many rows that they take several pages. */
function fill(path: string): void {
  const index = openIndex(path);
  const last = new LastResults(index, "w.yaml");
  for (let at = 0; at < 500; at++) {
    last.remember(`step${at}`, { fingerprint: digestBytes(String(at)), durationMs: at });
  }
  index.close();
}

Deno.test("last results are remembered per workflow and step", () =>
  inFolder((path) => {
    fill(path);
    const index = openIndex(path);
    const last = new LastResults(index, "w.yaml");
    assert.deepEqual(last.recall("step7"), { fingerprint: digestBytes("7"), durationMs: 7 });
    assert.equal(last.recall("other"), undefined);
    assert.equal(new LastResults(index, "other.yaml").recall("step7"), undefined);
    index.close();
  }));

for (
  const [what, harm] of [
    ["text", () => new TextEncoder().encode("this is no database at all, ".repeat(100))],
    ["cut in the middle", (bytes) => bytes.slice(0, 6000)],
    ["zeros after the first page", (bytes) => bytes.fill(0, 4096)],
    [
      "noise after the first page",
      (bytes) => bytes.map((byte, at) => at < 4096 ? byte : at * 7 & 255),
    ],
    ["empty", () => new Uint8Array()],
  ] satisfies [string, (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>][]
) {
  Deno.test(`an index that is damaged is made anew: ${what}`, () =>
    inFolder(async (path) => {
      fill(path);
      await Deno.writeFile(path, harm(await Deno.readFile(path)));
      const index = openIndex(path);
      const last = new LastResults(index, "w.yaml");
      for (let at = 0; at < 500; at++) last.recall(`step${at}`);
      const result = { fingerprint: digestBytes("x"), durationMs: 1 };
      last.remember("fresh", result);
      assert.deepEqual(last.recall("fresh"), result);
      index.close();
    }));
}

Deno.test("an index of another version is emptied and used", () =>
  inFolder((path) => {
    const old = new DatabaseSync(path);
    old.exec("CREATE TABLE last_result (workflow TEXT, step TEXT, fingerprint TEXT)");
    old.close();
    fill(path);
    const index = openIndex(path);
    assert.equal(new LastResults(index, "w.yaml").recall("step7")?.durationMs, 7);
    index.close();
  }));

Deno.test("an index made anew does not take over the log of the damaged one", () =>
  inFolder(async (path) => {
    fill(path);
    const writer = openIndex(path);
    new LastResults(writer, "w.yaml").remember("old", {
      fingerprint: digestBytes("x"),
      durationMs: 1,
    });
    await Deno.copyFile(`${path}-wal`, `${path}.log`);
    writer.close();
    await Deno.writeTextFile(path, "no database ".repeat(1000));
    await Deno.rename(`${path}.log`, `${path}-wal`);
    const index = openIndex(path);
    assert.equal(new LastResults(index, "w.yaml").recall("old"), undefined);
    index.close();
  }));
