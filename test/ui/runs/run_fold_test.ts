// What the page keeps of a run's events.
import assert from "node:assert/strict";
import { RunFold } from "../../../ui/runs/run_fold.ts";

Deno.test("a step that is tried again waits with its failure, and runs without it", () => {
  const fold = new RunFold("r1");
  const step = { name: "a", plugin: "p", kind: "train", dependsOn: [] };
  const started = { workflow: "w", file: "w.yaml", steps: [step], timeMs: 0 };
  fold.take({ type: "run-started", run: "r1", ...started });
  const lease = { cpus: 1, memoryBytes: 0, gpus: [], fingerprint: "" };
  fold.take({ type: "step-started", step: "a", reason: "first run", ...lease, timeMs: 1 });
  const failure = { message: "no answer", durationMs: 1, attempt: 2, attempts: 3, delayMs: 9 };
  fold.take({ type: "step-retrying", step: "a", ...failure, timeMs: 2 });
  const waiting = fold.steps.get("a");
  assert.equal(waiting?.status, "waiting");
  assert.equal(waiting.message, "attempt 2 of 3 follows: no answer");
  fold.take({ type: "step-started", step: "a", reason: "", ...lease, attempt: 2, timeMs: 11 });
  const running = fold.steps.get("a");
  assert.equal(running?.message, undefined);
  assert.deepEqual([running?.status, running?.reason], ["running", "first run"]);
  assert.deepEqual([running?.attempts, running?.startedAtMs], [2, 1]);
});

Deno.test("a step that its condition keeps out says which values did", () => {
  const fold = new RunFold("r1");
  const step = { name: "a", plugin: "p", kind: "train", dependsOn: [] };
  const started = { workflow: "w", file: "w.yaml", steps: [step], timeMs: 0 };
  fold.take({ type: "run-started", run: "r1", ...started });
  const condition = { condition: "steps.b.c > 1", values: { "steps.b.c": 0 } };
  fold.take({ type: "step-skipped", step: "a", ...condition, timeMs: 1 });
  assert.deepEqual(
    [fold.steps.get("a")?.status, fold.steps.get("a")?.reason],
    ["skipped", "steps.b.c > 1 is false, with 0"],
  );
});

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
