// The table of probes says what was measured: all fifteen, and a failure as a failure.
import assert from "node:assert/strict";
import type { Probe } from "./probe.ts";
import { measure, PROBES, tableOf } from "./table.ts";

Deno.test("there are fifteen probes, numbered in order", () => {
  assert.deepEqual(PROBES.map(({ number }) => number), [...Array(15).keys()].map((at) => at + 1));
});

Deno.test("a probe whose check throws is marked, counted and kept with its reason", async () => {
  const well: Probe = { number: 1, name: "well", check: () => Promise.resolve() };
  const bad: Probe = {
    number: 2,
    name: "bad with plugins",
    check: (kind) => kind === "command steps" ? Promise.resolve() : Promise.reject(new Error("no")),
  };
  const outcomes = await measure([well, bad]);
  assert.deepEqual(outcomes.map(({ failure }) => failure), [
    undefined,
    undefined,
    undefined,
    new Error("no"),
  ]);
  const table = tableOf([well, bad], outcomes);
  assert.match(table, /^\| {2}1 well {13}\| ✔ +\| ✔ +\|$/m);
  assert.match(table, /^\| {2}2 bad with plugins \| ✔ +\| ✘ +\|$/m);
  assert.match(table, /\n1 of 2 probes are well\n$/);
});
