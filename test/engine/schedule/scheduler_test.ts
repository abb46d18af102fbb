// The loop: steps run at once where they can; failures and interruptions stop what has not started.
import assert from "node:assert/strict";
import type { Ending } from "../../../engine/schedule/plan.ts";
import { schedule } from "../../../engine/schedule/scheduler.ts";

/** A schedule whose steps end when the test says so. */
class Staged {
  readonly started: string[] = [];
  /** "name" for steps that never started because of the interruption, "name after cause" for others. */
  readonly notStarted: string[] = [];
  readonly interruption = new AbortController();
  readonly mayStart = new Map<string, AbortSignal>();
  readonly ended: Promise<Ending>;
  readonly #ends = new Map<string, (ending: Ending) => void>();

  constructor(graph: Readonly<Record<string, string>>, keepGoing = false) {
    const steps = Object.entries(graph).map(([name, before]) => ({
      name,
      dependsOn: before.split(" ").filter((name) => name !== ""),
    }));
    this.ended = schedule({
      steps,
      keepGoing,
      signal: this.interruption.signal,
      perform: (name, mayStart) => {
        this.started.push(name);
        this.mayStart.set(name, mayStart);
        return new Promise((resolve) => this.#ends.set(name, resolve));
      },
      onNotStarted: (name, { because }) =>
        this.notStarted.push(because === undefined ? name : `${name} after ${because}`),
    });
  }

  /** Ends a step that has started and lets the loop go on. */
  async end(name: string, ending: Ending): Promise<void> {
    this.#ends.get(name)!(ending);
    for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  }
}

Deno.test("steps that do not depend on each other run at once", async () => {
  const run = new Staged({ a: "", b: "", c: "a b" });
  assert.deepEqual(run.started, ["a", "b"]);
  await run.end("b", "succeeded");
  assert.deepEqual(run.started, ["a", "b"]);
  await run.end("a", "succeeded");
  assert.deepEqual(run.started, ["a", "b", "c"]);
  await run.end("c", "succeeded");
  assert.equal(await run.ended, "succeeded");
});

Deno.test("after a failure nothing starts, and what runs may end", async () => {
  const run = new Staged({ a: "", b: "", c: "a", d: "b", e: "d" });
  await run.end("a", "failed");
  assert.deepEqual(run.notStarted, ["c after a", "d after a", "e after a"]);
  assert.equal(run.mayStart.get("b")?.aborted, true);
  await run.end("b", "succeeded");
  assert.deepEqual(run.started, ["a", "b"]);
  assert.equal(await run.ended, "failed");
});

Deno.test("asked to keep going, only what depends on a failure is skipped", async () => {
  const run = new Staged({ a: "", b: "", c: "a", d: "b" }, true);
  await run.end("a", "failed");
  assert.deepEqual(run.notStarted, ["c after a"]);
  assert.equal(run.mayStart.get("b")?.aborted, false);
  await run.end("b", "succeeded");
  assert.deepEqual(run.started, ["a", "b", "d"]);
  await run.end("d", "succeeded");
  assert.equal(await run.ended, "failed");
});

Deno.test("an interruption ends the run once what runs has ended, each step told once", async () => {
  const run = new Staged({ a: "", b: "", c: "a", d: "b" });
  await run.end("a", "succeeded");
  run.interruption.abort();
  await run.end("b", "cancelled");
  assert.equal(run.notStarted.length, 1);
  await run.end("c", "cancelled");
  assert.equal(await run.ended, "cancelled");
  assert.deepEqual(run.started, ["a", "b", "c"]);
  assert.equal(run.notStarted.length, 1);
});

Deno.test("a step that an interruption keeps from starting is cancelled, not the victim of another", async () => {
  const run = new Staged({ a: "", b: "a" });
  run.interruption.abort();
  await run.end("a", "cancelled");
  assert.deepEqual(run.notStarted, ["b"]);
  assert.equal(await run.ended, "cancelled");
});

Deno.test("a run that is interrupted before it begins starts nothing", async () => {
  const interruption = new AbortController();
  interruption.abort();
  const notStarted: string[] = [];
  const ending = await schedule({
    steps: [{ name: "a", dependsOn: [] }, { name: "b", dependsOn: ["a"] }],
    keepGoing: true,
    signal: interruption.signal,
    perform: () => assert.fail("nothing may start"),
    onNotStarted: (name) => notStarted.push(name),
  });
  assert.deepEqual([ending, notStarted], ["cancelled", ["a", "b"]]);
});

Deno.test("a workflow without steps is done at once", async () => {
  assert.equal(await new Staged({}).ended, "succeeded");
});
