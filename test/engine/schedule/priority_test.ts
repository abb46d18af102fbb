// Priorities: the step with the longest way to the end goes first.
import assert from "node:assert/strict";
import { criticalPaths } from "../../../engine/schedule/priority.ts";

//   a(1) ──► b(10) ──► d(2)
//     └────► c(3)  ──────┘        e(4), alone
const steps = [
  { name: "a", dependsOn: [] },
  { name: "b", dependsOn: ["a"] },
  { name: "c", dependsOn: ["a"] },
  { name: "d", dependsOn: ["b", "c"] },
  { name: "e", dependsOn: [] },
];

Deno.test("a step's priority is the longest way from it to the end", () => {
  const durations = new Map([["a", 1], ["b", 10], ["c", 3], ["d", 2], ["e", 4]]);
  assert.deepEqual(
    Object.fromEntries(criticalPaths(steps, (name) => durations.get(name))),
    { a: 13, b: 12, c: 5, d: 2, e: 4 },
  );
});

Deno.test("a step that never ran counts as the median of those that did", () => {
  const durations = new Map([["a", 1], ["b", 10], ["d", 2]]);
  const lengths = criticalPaths(steps, (name) => durations.get(name));
  assert.deepEqual([lengths.get("c"), lengths.get("e")], [4, 2]);
});

Deno.test("where nothing is known the number of steps to the end decides", () => {
  assert.deepEqual(
    Object.fromEntries(criticalPaths(steps, () => undefined)),
    { a: 3, b: 2, c: 2, d: 1, e: 1 },
  );
});
