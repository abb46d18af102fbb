// The plan: what may start, and what never will.
import assert from "node:assert/strict";
import { Plan } from "../../../engine/schedule/plan.ts";

/** Steps written as "c: a b", which says that c waits for a and b. */
function planOf(...lines: readonly string[]): Plan {
  return new Plan(lines.map((line) => {
    const [name = "", before = ""] = line.split(":");
    return { name, dependsOn: before.split(" ").filter((name) => name !== "") };
  }));
}

Deno.test("steps become ready in the order of their dependencies, each once", () => {
  const plan = planOf("a", "b", "c: a b", "d: c");
  assert.deepEqual(plan.takeReady(), ["a", "b"]);
  assert.deepEqual(plan.takeReady(), []);
  assert.deepEqual(plan.finish("b", "succeeded"), []);
  assert.deepEqual(plan.takeReady(), []);
  plan.finish("a", "succeeded");
  assert.deepEqual(plan.takeReady(), ["c"]);
  plan.finish("c", "succeeded");
  assert.equal(plan.isOver, false);
  assert.deepEqual(plan.takeReady(), ["d"]);
  plan.finish("d", "succeeded");
  assert.equal(plan.isOver, true);
});

Deno.test("after a failure all that depends on it is skipped, the rest goes on", () => {
  const plan = planOf("a", "b", "c: a", "d: c b", "e: b");
  plan.takeReady();
  assert.deepEqual(plan.finish("a", "failed"), [
    { name: "c", because: "a" },
    { name: "d", because: "a" },
  ]);
  plan.finish("b", "succeeded");
  assert.deepEqual(plan.takeReady(), ["e"]);
  plan.finish("e", "succeeded");
  assert.equal(plan.isOver, true);
});

Deno.test("a step after two failures is skipped once, for the first of them", () => {
  const plan = planOf("a", "b", "c: a b");
  plan.takeReady();
  assert.deepEqual(plan.finish("a", "failed"), [{ name: "c", because: "a" }]);
  assert.deepEqual(plan.finish("b", "cancelled"), []);
  assert.equal(plan.isOver, true);
});

Deno.test("giving up leaves what has started and nothing else", () => {
  const plan = planOf("a", "b: a", "c", "d: c");
  plan.takeReady();
  plan.finish("a", "succeeded");
  assert.deepEqual(plan.abandonWaiting(), ["b", "d"]);
  assert.deepEqual(plan.takeReady(), []);
  plan.finish("c", "succeeded");
  assert.deepEqual(plan.takeReady(), []);
  assert.equal(plan.isOver, true);
});

Deno.test("a plan without steps is over", () => {
  assert.equal(planOf().isOver, true);
});
