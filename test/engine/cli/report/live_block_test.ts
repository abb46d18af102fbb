// The lines below the report that show what is running.
import assert from "node:assert/strict";
import { LiveBlock } from "../../../../engine/cli/report/live_block.ts";
import { foldEvents, type RunState } from "../../../../engine/events/run_state.ts";

/** A run whose step "model" began at 0 and has come so far. */
function runAt(done: number): RunState {
  const step = { name: "model", plugin: "train", kind: "train", dependsOn: [] };
  return foldEvents([
    { type: "run-started", run: "r", workflow: "w", file: "w.yaml", steps: [step], timeMs: 0 },
    {
      type: "step-started",
      step: "model",
      fingerprint: "f",
      reason: "it has not run before",
      cpus: 1,
      memoryBytes: 0,
      gpus: [],
      timeMs: 0,
    },
    { type: "step-progress", step: "model", done, total: 1000, unit: "images", timeMs: 1 },
  ]);
}

Deno.test("images a second and time left are of this run, not of the one that it goes on from", () => {
  const written: string[] = [];
  const block = new LiveBlock({
    isInteractive: true,
    hasColor: false,
    columns: 80,
    write: (text) => written.push(text),
    writeError: () => assert.fail(),
  });
  block.draw(runAt(600), 1000);
  block.draw(runAt(700), 11_000);
  assert.match(written[0]!, /^ {2}model {2}60 % of 1000 images\n$/);
  assert.match(written.at(-1)!, /^ {2}model {2}70 % of 1000 images, 10\/s, 30.0 s left\n$/);
});
