// Priorities: the step with the longest way to the end goes first.
import assert from "node:assert/strict";
import { criticalPaths, expectedDurations } from "../../../engine/schedule/priority.ts";

//   a(1) ──► b(10) ──► d(2)
//     └────► c(3)  ──────┘        e(4), alone
const steps = [
  { name: "a", dependsOn: [] },
  { name: "b", dependsOn: ["a"] },
  { name: "c", dependsOn: ["a"] },
  { name: "d", dependsOn: ["b", "c"] },
  { name: "e", dependsOn: [] },
];

function prioritiesFrom(past: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  const durations = expectedDurations(steps, (name) => past[name]);
  return Object.fromEntries(criticalPaths(steps, durations));
}

Deno.test("a step's priority is the longest way from it to the end", () => {
  assert.deepEqual(
    prioritiesFrom({ a: 1, b: 10, c: 3, d: 2, e: 4 }),
    { a: 13, b: 12, c: 5, d: 2, e: 4 },
  );
});

Deno.test("a step that never ran counts as the median of those that did", () => {
  const { c, e } = prioritiesFrom({ a: 1, b: 10, d: 2 });
  assert.deepEqual([c, e], [4, 2]);
});

Deno.test("where nothing is known the number of steps to the end decides", () => {
  assert.deepEqual(prioritiesFrom({}), { a: 3, b: 2, c: 2, d: 1, e: 1 });
});
