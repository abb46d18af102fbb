// Options of the predict step that do not go together are found before anything runs.
import assert from "node:assert/strict";
import { checkPredictOptions, predictOptions } from "../../../plugins/predict/options.ts";

function problems(options: Readonly<Record<string, unknown>>): string[] {
  return checkPredictOptions(predictOptions.parse(options)).map(({ message }) => message);
}

Deno.test("windows can share less than their edge only", () => {
  assert.deepEqual(problems({ window: 64, overlap: 63 }), []);
  assert.deepEqual(problems({ window: 64, overlap: 64 }), ["Windows of 64 px cannot share 64 px"]);
});

Deno.test("a least area without polygons is a mistake", () => {
  assert.deepEqual(problems({ polygons: true, "min-area": 5 }), []);
  assert.match(
    problems({ "min-area": 5 })[0] ?? "",
    /chooses among polygons, but none are written/,
  );
});
