// The order of steps, and the cycles that prevent one.
import assert from "node:assert/strict";
import { orderByNeeds, type Ordering } from "../../../../engine/graph/edges/cycle.ts";

type Needs = Readonly<Record<string, string>>;

/** Orders nodes written as `{ b: "a" }`: b needs a. */
function order(needs: Needs): Ordering {
  return orderByNeeds(
    Object.keys(needs),
    (name) => (needs[name] ?? "").split(" ").filter((need) => need !== ""),
  );
}

Deno.test("what is in order stays as written", () => {
  assert.deepEqual(order({ a: "", b: "", c: "a", d: "b c" }).order, ["a", "b", "c", "d"]);
});

Deno.test("needs come first, otherwise the given order holds", () => {
  assert.deepEqual(order({ d: "b c", a: "", c: "a", b: "" }).order, ["b", "a", "c", "d"]);
});

Deno.test("a cycle is given in the direction of waiting", () => {
  const { cycles } = order({ a: "c", b: "a", c: "b", d: "a" });
  assert.deepEqual(cycles, [["a", "c", "b"]]);
});

Deno.test("cycles apart are each reported, those that share a step once", () => {
  const { cycles } = order({ a: "b", b: "a", c: "c", d: "e", e: "d f", f: "e" });
  assert.deepEqual(cycles, [["a", "b"], ["c"], ["d", "e"]]);
});

Deno.test("a chain of a hundred thousand steps needs no stack", () => {
  const names = Array.from({ length: 100_000 }, (_, index) => `s${index}`);
  const { order } = orderByNeeds(names, (name) => {
    const next = Number(name.slice(1)) + 1;
    return next < names.length ? [`s${next}`] : [];
  });
  assert.equal(order[0], "s99999");
  assert.equal(order.length, names.length);
});
