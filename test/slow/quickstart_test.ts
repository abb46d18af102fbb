// The quickstart as a person runs it: from nothing to a registered model, then reuse, then one edit.
import assert from "node:assert/strict";
import { print } from "../support/print.ts";

interface Outcome {
  readonly code: number;
  readonly text: string;
  readonly seconds: number;
}

async function cairn(...words: readonly string[]): Promise<Outcome> {
  const startedAtMs = performance.now();
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--allow-all", "main.ts", ...words],
    stdin: "null",
    env: { NO_COLOR: "1" },
  }).output();
  const text = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("");
  return { code, text, seconds: (performance.now() - startedAtMs) / 1000 };
}

Deno.test("quickstart trains a good model once, then reuses it, then redoes only what an edit touches", async () => {
  const folder = await Deno.makeTempDir({ prefix: "cairn_quickstart_" });
  try {
    const file = `${folder}/quickstart.yaml`;
    await Deno.copyFile("workflows/quickstart.yaml", file);

    const first = await cairn("run", file);
    assert.equal(first.code, 0, first.text);
    const scores = JSON.parse(
      await Deno.readTextFile(`${folder}/out/quickstart/scores/metrics.json`),
    );
    assert.ok(scores.macro.iou >= 0.7, `mean IoU ${scores.macro.iou} on the test split`);
    assert.match(
      await Deno.readTextFile(`${folder}/out/quickstart/report/report.html`),
      /<!doctype html>/i,
    );
    const alias = `${folder}/.cairn/registry/quickstart/aliases/candidate`;
    assert.equal((await Deno.readTextFile(alias)).trim(), "1");

    const second = await cairn("run", file);
    assert.equal(second.code, 0, second.text);
    assert.match(second.text, /: 6 reused$/m);
    print(
      `    quickstart: mean IoU ${scores.macro.iou.toFixed(3)}, first run ${
        first.seconds.toFixed(1)
      } s, ` +
        `second run ${second.seconds.toFixed(2)} s`,
    );

    const text = await Deno.readTextFile(file);
    const edited = text.replace("uses: visualize", "uses: visualize\n    with: { count: 2 }");
    assert.notEqual(edited, text);
    await Deno.writeTextFile(file, edited);
    const explained = await cairn("explain", file);
    assert.match(
      explained.text,
      /^pictures +will run .+ option "count" changed from \d+ to 2/m,
    );
    const third = await cairn("run", file);
    assert.match(third.text, /: 1 ran, 5 reused$/m);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
