// A forecast as text: the line that sums it up, and one step field by field.
import assert from "node:assert/strict";
import { stepDetails, totalLine } from "../../../../engine/cli/report/forecast_report.ts";
import type { StepForecast } from "../../../../engine/run/forecast/forecast.ts";
import { totalOf } from "../../../../engine/run/forecast/forecast_total.ts";

function step(
  fate: StepForecast["fate"],
  lastDurationMs?: number,
  lastSizeBytes?: number,
): StepForecast {
  return {
    step: "s",
    fate,
    reason: "why",
    differences: [],
    same: [],
    pending: [],
    comparedWith: undefined,
    lastDurationMs,
    lastPeakMemoryBytes: undefined,
    keptMemoryBytes: undefined,
    lastSizeBytes,
  };
}

Deno.test("the total counts fates apart, adds up what runs, bounds what may run and says what is saved", () => {
  const reused = step("reused", 60_000, 1e9);
  const cases: readonly (readonly [readonly StepForecast[], string])[] = [
    [[reused], "1 reused, 0 will run; saves 60.0 s"],
    [
      [reused, step("runs", 100_000, 40e6), step("runs", 30_000, 1e6)],
      "1 reused, 2 will run: about 2 min 10 s, 41.0 MB; saves 60.0 s",
    ],
    [
      [step("runs", 2000, 500), step("unsure", 1000, 500)],
      "0 reused, 1 will run: about 2.0 s, 500 B; 1 may run: up to 1.0 s, 500 B more",
    ],
    [
      [step("runs"), step("runs", 1000, 10)],
      "0 reused, 2 will run: at least 1.0 s, 10 B",
    ],
    [[step("runs"), step("unsure")], "0 reused, 1 will run; 1 may run"],
    [[step("runs"), step("skipped", 1000, 500)], "0 reused, 1 will run; 1 skipped"],
    [[step("runs"), step("fails")], "0 reused, 1 will run; 1 will fail"],
  ];
  for (const [forecasts, line] of cases) assert.equal(totalLine(totalOf(forecasts)), line);
});

Deno.test("a step is shown field by field: what changed, what is not known yet, what is the same", () => {
  const digest = (digit: string): string => `sha256:${digit.repeat(64)}`;
  const long = `${"cut --size 256 ".repeat(10)}`;
  const text = stepDetails({
    ...step("unsure", 51_800, 4_100_000),
    differences: [
      { field: ["config", "lr"], before: 0.001, after: 0.0005 },
      { field: ["config", "run"], before: `${long}--fast ${long}`, after: `${long}--slow ${long}` },
      { field: ["plugin", "code", "augment.ts"], before: digest("1"), after: digest("2") },
      { field: ["plugin", "code", "npm:zod@4"], before: "4.0.0", after: undefined },
    ],
    pending: ["model"],
    same: [
      ["inputs", "tiles"],
      ["paths", "files", "0"],
      ["config", "epochs"],
      ["config", "device"],
      ["plugin", "code", "train.ts"],
      ["plugin", "code", "npm:onnx@1"],
      ["seed"],
    ],
    comparedWith: "20260101-120000000-abcd",
  });
  assert.equal(
    text,
    `s may run, because why
expected, as last time: 51.8 s, 4.1 MB

compared with its last result, of run 20260101-120000000-abcd
  with.lr                 0.001 → 0.0005
  with.run                …-size 256 --fast cut --size 256 cut --size 256 c… → …-size 256 --slow cut --size 256 cut --size 256 c…
  plugin file augment.ts  sha256:11111111 → sha256:22222222
  package zod@4           "4.0.0" → nothing
  input model             not made yet
  input tiles             same
  file of with.files.0    same
  options                 same: epochs, device
  plugin files            same: train.ts
  packages                same: onnx@1
  other fields            same: seed
`,
  );
});

Deno.test("a step that is skipped is expected to take nothing, whatever it took before", () => {
  assert.equal(stepDetails(step("skipped", 51_800, 4_100_000)), "s is skipped, because why\n");
});
