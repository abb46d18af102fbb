// Problems in the options of `prepare`, found before anything runs.
import assert from "node:assert/strict";
import { checkPrepareOptions, prepareOptions } from "../../../plugins/prepare/options.ts";

function problems(options: Record<string, unknown>): string[] {
  return checkPrepareOptions(prepareOptions.parse(options)).map(({ path, message }) =>
    `${path.join(".")}: ${message}`
  );
}

Deno.test("Good options have no problem", () => {
  assert.deepEqual(problems({}), []);
  assert.deepEqual(
    problems({
      images: "a",
      masks: "b",
      classes: ["land", { name: "road", color: "#00ff00" }],
      labels: { "0": "none", "1": "land", "#ff0000": "road" },
      group: "^(tile\\d+)_",
    }),
    [],
  );
});

Deno.test("One folder without the other is a problem", () => {
  assert.deepEqual(problems({ masks: "b" }), ['masks: It needs option "images", too']);
});

Deno.test("Labels must be numbers or colours and name classes", () => {
  const labels = { "1": "roof", red: "road", "#12": "none" };
  assert.deepEqual(problems({ classes: ["land", "road"], labels }), [
    'labels.1: There is no class "roof"',
    'labels.red: "red" is neither a whole number nor a colour such as "#ff0000"',
    'labels.#12: "#12" is neither a whole number nor a colour such as "#ff0000"',
  ]);
});

Deno.test("Class names must differ, and none is no class", () => {
  assert.deepEqual(problems({ classes: ["road", "none", "road"] }), [
    'classes.1: "none" cannot name a class',
    'classes.2: Class "road" is named twice',
  ]);
});

Deno.test("Only one rule may say how tiles are split", () => {
  assert.match(problems({ lists: "l", split: "tile" })[0] ?? "", /^lists: /);
  assert.match(problems({ group: "(a)", split: "tile" })[0] ?? "", /^group: /);
  assert.match(problems({ group: "tile" })[0] ?? "", /is not a pattern with a group/);
  assert.match(problems({ group: "(" })[0] ?? "", /is not a pattern with a group/);
});
