// The progress file: what other processes see of running steps.
import assert from "node:assert/strict";
import { ProgressFile, readProgress } from "../../../../engine/events/files/progress_file.ts";

const progress = (done: number, timeMs: number) =>
  ({ type: "step-progress", step: "a", done, total: 9, unit: "tiles", timeMs }) as const;

Deno.test("progress is written at most four times a second and gone after the run", async () => {
  const folder = await Deno.makeTempDir({ prefix: "cairn_progress_" });
  const path = `${folder}/progress.json`;
  try {
    {
      using file = new ProgressFile(path);
      assert.deepEqual(await readProgress(path), {});
      file.hear(progress(1, 1000));
      file.hear(progress(2, 1100));
      assert.deepEqual(await readProgress(path), { a: { done: 1, total: 9, unit: "tiles" } });
      file.hear(progress(3, 1250));
      assert.deepEqual(await readProgress(path), { a: { done: 3, total: 9, unit: "tiles" } });
    }
    assert.deepEqual([...Deno.readDirSync(folder)], []);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
