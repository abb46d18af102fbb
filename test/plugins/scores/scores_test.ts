// The scores artifact's file.
import assert from "node:assert/strict";
import { StepError } from "../../../engine/plugin.ts";
import { readScores, writeScores } from "../../../plugins/scores/scores.ts";
import { Tally } from "../../../plugins/scores/tally.ts";

Deno.test("scores read back as they were written", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const tally = new Tally([{ name: "field", color: "#aabb00" }, {
      name: "wood",
      color: "#003300",
    }]);
    tally.add("a", Uint8Array.of(0, 1, 1, 255), Uint8Array.of(0, 1, 0, 1));
    const scores = tally.scores("val");
    assert.ok(scores !== undefined);
    await writeScores(folder, scores);
    assert.deepEqual(await readScores(folder), scores);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a folder with other numbers is refused with a hint", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/metrics.json`, '{"accuracy": 1}');
    await assert.rejects(
      readScores(folder),
      (error) => error instanceof StepError && error.hint !== undefined,
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
