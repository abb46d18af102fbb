// explain and run --dry-run as data: what would run, which fields changed, what it took last time.
import assert from "node:assert/strict";
import type { StepForecast } from "../../engine/run/forecast.ts";
import { type CliResult, commandStep, Project, workflowOf } from "../support/rig.ts";

const WORKFLOW = workflowOf([
  commandStep("first", "cat in.txt > ${{ outputs.out }}/x", { files: ["in.txt"] }),
  commandStep("second", "cp ${{ inputs.in }}/x ${{ outputs.out }}/y", { inputs: "in: first.out" }),
  commandStep("other", "echo 12345 > ${{ outputs.out }}/z"),
]);

function forecastsIn({ code, out }: CliResult): readonly StepForecast[] {
  assert.equal(code, 0);
  return out.trimEnd().split("\n").map((line) => JSON.parse(line) as StepForecast);
}

Deno.test("explain and dry runs give one object per step, with the changed fields as data", async () => {
  await using project = await Project.make({ "in.txt": "abc\n", "workflow.yaml": WORKFLOW });
  const fresh = forecastsIn(await project.cairn("explain", "workflow.yaml", "--json"));
  assert.deepEqual(fresh[0], {
    step: "first",
    fate: "runs",
    reason: "it has not run before",
    differences: [],
  });
  await project.run();
  await project.write("workflow.yaml", WORKFLOW.replace("cat in.txt", "cat < in.txt"));
  const explained = await project.cairn("explain", "workflow.yaml", "--json");
  const [first, second, other] = forecastsIn(explained);
  assert.deepEqual([first?.fate, second?.fate, other?.fate], ["runs", "unsure", "reused"]);
  assert.deepEqual(first?.differences, [{
    field: ["config", "run"],
    before: "cat in.txt > ${{ outputs.out }}/x\n",
    after: "cat < in.txt > ${{ outputs.out }}/x\n",
  }]);
  assert.deepEqual([first?.lastSizeBytes, second?.lastSizeBytes, other?.lastSizeBytes], [4, 4, 6]);
  assert.ok((first?.lastDurationMs ?? 0) > 0);
  const dry = await project.cairn("run", "workflow.yaml", "--dry-run", "--json");
  assert.equal(dry.out, explained.out);
  const one = await project.cairn("explain", "workflow.yaml", "other", "--json");
  assert.deepEqual(forecastsIn(one), [other]);
});

Deno.test("a forecast ends with what will run and what that took last time", async () => {
  await using project = await Project.make({ "in.txt": "abc\n", "workflow.yaml": WORKFLOW });
  await project.run();
  await project.write("in.txt", "abcd\n");
  const { out } = await project.cairn("run", "workflow.yaml", "--dry-run");
  assert.match(
    out,
    /^first .* because the content of option "files\.0" changed \(\d+ ms, 4 B last time\)$/m,
  );
  assert.match(out, /\n1 of 3 steps will run, 1 may, about \d+ ms, 8 B\n$/);
});
