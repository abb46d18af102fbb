// The line that sums a forecast up.
import assert from "node:assert/strict";
import { totals } from "../../../engine/cli/explain_command.ts";
import type { StepForecast } from "../../../engine/run/forecast.ts";

function step(
  fate: StepForecast["fate"],
  lastDurationMs?: number,
  lastSizeBytes?: number,
): StepForecast {
  return { step: "s", fate, reason: "", differences: [], lastDurationMs, lastSizeBytes };
}

Deno.test("the totals count what will run and add up what it took last time", () => {
  const reused = step("reused", 1e6, 1e9);
  const cases: readonly (readonly [readonly StepForecast[], string])[] = [
    [[reused], "0 of 1 step will run"],
    [
      [reused, step("runs", 100_000, 40e6), step("runs", 30_000, 1e6)],
      "2 of 3 steps will run, about 2 min 10 s, 41.0 MB",
    ],
    [
      [step("runs", 2000, 500), step("unsure", 1000, 500)],
      "1 of 2 steps will run, 1 may, about 3.0 s, 1.0 kB",
    ],
    [[step("runs"), step("runs", 1000, 10)], "2 of 2 steps will run, at least 1.0 s, 10 B"],
    [[step("runs", 1000)], "1 of 1 step will run, at least 1.0 s"],
    [[step("runs"), step("fails")], "1 of 2 steps will run, 1 will fail"],
  ];
  for (const [forecasts, line] of cases) assert.equal(totals(forecasts), line);
});
