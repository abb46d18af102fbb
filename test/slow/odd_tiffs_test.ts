// Hundreds of odd, broken and hostile TIFF files: each ends soon, in little memory, with tiles or a
// clear error. The files are not part of the repository.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import type { Outcome } from "./odd_tiffs_child.ts";

const FILES = new URL("../../../shared/data/odd_tiffs/", import.meta.url).pathname;
const CHILD = new URL("./odd_tiffs_child.ts", import.meta.url).pathname;
const CHILDREN = 2;
const LONGEST_SECONDS = 10;
const MOST_MEMORY_KIB = 2 ** 20;
const WHY_IGNORED = "needs ../shared/data/odd_tiffs";

async function listFiles(): Promise<string[]> {
  const manifest = await Deno.readTextFile(`${FILES}manifest.csv`);
  const names = manifest.trimEnd().split("\n").slice(1).map((line) => line.split(",")[0] ?? "");
  return names.map((name) => `${FILES}${name}`).filter((path) => existsSync(path));
}

async function tryFiles(
  files: readonly string[],
): Promise<{ outcomes: Outcome[]; peakKib: number }> {
  const child = new Deno.Command(Deno.execPath(), { args: ["run", "-A", CHILD, ...files] });
  const { success, stdout, stderr } = await child.output();
  assert.ok(success, new TextDecoder().decode(stderr));
  const lines = new TextDecoder().decode(stdout).trimEnd().split("\n");
  const peakKib = Number(lines.pop());
  return { outcomes: lines.map((line) => JSON.parse(line) as Outcome), peakKib }; // our own child's
}

Deno.test({
  name: `Odd and hostile TIFF files end in tiles or a clear error (${WHY_IGNORED})`,
  ignore: !existsSync(FILES),
  async fn(): Promise<void> {
    const files = await listFiles();
    assert.ok(files.length > 300, `only ${files.length} files`);
    const parts = Array.from(
      { length: CHILDREN },
      (_, child) => files.filter((_, index) => index % CHILDREN === child),
    );
    for (const { outcomes, peakKib } of await Promise.all(parts.map(tryFiles))) {
      for (const { file, ended, message, seconds } of outcomes) {
        assert.notEqual(ended, "crash", `${file}: ${message}`);
        assert.ok(seconds < LONGEST_SECONDS, `${file} took ${seconds} s`);
        if (ended === "StepError") assert.match(message, /odd\.tif"|^No tile/);
        assert.doesNotMatch(message, /\n|undefined|vips|^\s*at /);
      }
      assert.ok(peakKib < MOST_MEMORY_KIB, `${peakKib} KiB`);
    }
  },
});
