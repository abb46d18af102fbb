// The state of a run as a fold over its events.
import assert from "node:assert/strict";
import type { EventBody } from "../../../engine/events/event.ts";
import { foldEvents, type RunState, type StepState } from "../../../engine/events/run_state.ts";

const step = (name: string, ...dependsOn: string[]) => ({
  name,
  plugin: "command",
  kind: "other",
  dependsOn,
});

const begin: EventBody = {
  type: "run-started",
  run: "r1",
  workflow: "w",
  file: "w.yaml",
  steps: [step("a"), step("b", "a")],
};

const start = (name: string): EventBody => ({
  type: "step-started",
  step: name,
  fingerprint: "f",
  reason: "it has not run before",
  cpus: 1,
  memoryBytes: 0,
  gpus: [],
});

/** Folds events that happen at 1, 2, 3 … ms. */
function stateAfter(...bodies: readonly EventBody[]): RunState {
  return foldEvents(bodies.map((body, at) => ({ ...body, timeMs: at + 1 })));
}

function stepAfter(name: string, ...bodies: readonly EventBody[]): StepState {
  const found = stateAfter(begin, ...bodies).steps.get(name);
  assert.ok(found !== undefined);
  return found;
}

Deno.test("a run without an end is running, its steps wait in their order", () => {
  const state = stateAfter(begin);
  assert.deepEqual(
    [state.run, state.workflow, state.file, state.startedAtMs, state.outcome],
    ["r1", "w", "w.yaml", 1, "running"],
  );
  assert.deepEqual([...state.steps.values()].map(({ name, status }) => [name, status]), [
    ["a", "waiting"],
    ["b", "waiting"],
  ]);
});

Deno.test("a step that runs has a start, a reason and its latest progress", () => {
  const progress = (done: number): EventBody => ({
    type: "step-progress",
    step: "a",
    done,
    total: 9,
    unit: "tiles",
  });
  const { status, startedAtMs, reason, progress: seen } = stepAfter(
    "a",
    start("a"),
    progress(1),
    progress(4),
  );
  assert.deepEqual([status, startedAtMs, reason], ["running", 2, "it has not run before"]);
  assert.deepEqual(seen, { done: 4, total: 9, unit: "tiles" });
});

Deno.test("a step that waits for its next attempt says when that is, and begins anew", () => {
  const failing: readonly EventBody[] = [
    start("a"),
    { type: "step-progress", step: "a", done: 1, total: 2, unit: "" },
    {
      type: "step-retrying",
      step: "a",
      message: "no answer",
      durationMs: 2,
      attempt: 2,
      attempts: 3,
      delayMs: 10,
    },
  ];
  const waiting = stepAfter("a", ...failing);
  assert.deepEqual([waiting.status, waiting.message], ["waiting", "no answer"]);
  assert.deepEqual(waiting.next, { attempt: 2, attempts: 3, atMs: 14 });
  const again: EventBody = { ...start("a"), reason: "attempt 2 of 3", attempt: 2 } as EventBody;
  const running = stepAfter("a", ...failing, again);
  assert.deepEqual([running.status, running.reason], ["running", "it has not run before"]);
  assert.ok(!("message" in running || "next" in running || "progress" in running));
});

Deno.test("each way to end is a state of its own", () => {
  const finished: EventBody = {
    type: "step-finished",
    step: "a",
    fingerprint: "f",
    durationMs: 7,
    outputs: {},
    sizeBytes: 1,
  };
  const failed: EventBody = {
    type: "step-failed",
    step: "a",
    plugin: "command",
    message: "no",
    durationMs: 8,
    lastLines: [],
  };
  const reused: EventBody = {
    type: "step-reused",
    step: "a",
    fingerprint: "f",
    madeBy: "r0",
    savedMs: 9,
  };
  const ran = stepAfter("a", start("a"), finished);
  assert.deepEqual([ran.status, ran.durationMs], ["ran", 7]);
  const broken = stepAfter("a", start("a"), failed);
  assert.deepEqual([broken.status, broken.message, broken.durationMs], ["failed", "no", 8]);
  const kept = stepAfter("a", reused);
  assert.deepEqual([kept.status, kept.savedMs], ["reused", 9]);
  const skipped = stepAfter("b", { type: "step-skipped", step: "b", because: "a" });
  assert.deepEqual([skipped.status, skipped.reason], ["skipped", '"a" failed']);
  assert.equal(
    stepAfter("a", start("a"), { type: "step-cancelled", step: "a" }).status,
    "cancelled",
  );
});

Deno.test("the end of a run and what it published are kept", () => {
  const state = stateAfter(
    begin,
    { type: "published", target: "out", step: "a", files: 1, changed: 1 },
    { type: "run-finished", outcome: "failed", durationMs: 12 },
  );
  assert.deepEqual([state.published, state.outcome, state.durationMs], [["out"], "failed", 12]);
});

Deno.test("an event of a step that was never announced changes nothing", () => {
  assert.deepEqual(stateAfter(begin, start("c")), stateAfter(begin));
});

Deno.test("a fold leaves the states before it as they were", () => {
  const before = stateAfter(begin);
  const copy = structuredClone(before);
  stateAfter(begin, start("a"));
  assert.deepEqual(before, copy);
});
