// What the page keeps of a run's events.
import assert from "node:assert/strict";
import { RunFold } from "../../ui/run_fold.ts";

Deno.test("a step that went on from a checkpoint says from which", () => {
  const fold = new RunFold("r2");
  const step = { name: "a", plugin: "p", kind: "train", dependsOn: [] };
  const started = { workflow: "w", file: "w.yaml", steps: [step], timeMs: 0 };
  fold.take({ type: "run-started", run: "r2", ...started });
  const resumedFrom = { run: "r1", at: 3 };
  const made = { fingerprint: "", durationMs: 1, outputs: {}, sizeBytes: 1, timeMs: 1 };
  fold.take({ type: "step-finished", step: "a", ...made, resumedFrom });
  assert.deepEqual(fold.steps.get("a")?.resumedFrom, resumedFrom);
});
