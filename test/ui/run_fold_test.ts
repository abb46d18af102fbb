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

Deno.test("what went wrong with a remote store is kept, and what went there", () => {
  const fold = new RunFold("r");
  const remote = "/mnt/team";
  fold.take({ type: "remote-failed", remote, message: "It is full", hint: "Make room", timeMs: 1 });
  fold.take({ type: "remote-failed", remote, message: "It is away", timeMs: 2 });
  const sent = { sent: 2, sentBytes: 30, unsent: 1, isOver: true };
  fold.take({ type: "remote-sending", remote, ...sent, timeMs: 3 });
  assert.deepEqual(fold.head.remotes, [{
    name: remote,
    problems: [{ message: "It is full", hint: "Make room" }, { message: "It is away" }],
    sent,
  }]);
});
