// explain and run --dry-run as data: what would run, which fields changed, what it took last time.
import assert from "node:assert/strict";
import type { StepForecast } from "../../engine/run/forecast/forecast.ts";
import { type CliResult, commandStep, Project, workflowOf } from "../support/rig.ts";

const WORKFLOW = workflowOf([
  commandStep("first", "cat in.txt > ${{ outputs.out }}/x", { files: ["in.txt"] }),
  commandStep("second", "cp ${{ inputs.in }}/x ${{ outputs.out }}/y", { inputs: "in: first.out" }),
  commandStep("other", "echo 12345 > ${{ outputs.out }}/z"),
]);

function forecastsIn({ code, out }: CliResult): readonly StepForecast[] {
  assert.equal(code, 0);
  const lines = out.trimEnd().split("\n").map((line) => JSON.parse(line));
  return lines.filter((line) => "step" in line) as StepForecast[];
}

Deno.test("explain and dry runs give one object per step, with the changed fields as data", async () => {
  await using project = await Project.make({ "in.txt": "abc\n", "workflow.yaml": WORKFLOW });
  const fresh = forecastsIn(await project.cairn("explain", "workflow.yaml", "--json"));
  assert.deepEqual(fresh[0], {
    step: "first",
    fate: "runs",
    reason: "it has not run before",
    differences: [],
    same: [],
    pending: [],
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
  assert.deepEqual(first?.same.slice(0, 1), [["plugin", "name"]]);
  assert.equal(first?.comparedWith, second?.comparedWith);
  assert.deepEqual(second?.pending, ["in"]);
  assert.deepEqual(JSON.parse(explained.out.trimEnd().split("\n").at(-1) ?? "").total.unsure, {
    steps: 1,
    durationMs: second?.lastDurationMs,
    sizeBytes: 4,
    unknown: 0,
  });
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
  assert.match(out, /^step +fate +time +size +because\n/);
  assert.match(out, /^first +will run +\d+ ms +4 B +the content of option "files\.0" changed$/m);
  assert.match(
    out,
    /\n1 reused, 1 will run: about \d+ ms, 4 B; 1 may run: up to \d+ ms, 4 B more; saves \d+ ms\n$/,
  );
});

Deno.test("explain of one step shows what changed, what did not, and what is not made yet", async () => {
  await using project = await Project.make({ "in.txt": "abc\n", "workflow.yaml": WORKFLOW });
  await project.run();
  await project.write("in.txt", "abcd\n");
  const second = WORKFLOW.replace("/y\n", "/why\n");
  assert.notEqual(second, WORKFLOW);
  await project.write("workflow.yaml", second);
  const changed = await project.cairn("explain", "workflow.yaml", "first");
  assert.match(changed.out, /^first will run, because the content of option "files\.0" changed\n/);
  assert.match(changed.out, /^ {2}file of with\.files\.0 +sha256:\w{8} → sha256:\w{8}$/m);
  const unsure = await project.cairn("explain", "workflow.yaml", "second");
  assert.match(
    unsure.out,
    /^second may run, because it needs what "first" will make; option "run" changed from /,
  );
  assert.match(unsure.out, /^ {2}with\.run +"cp .+" → "cp .+"$/m);
  assert.match(unsure.out, /^ {2}input in +not made yet$/m);
  assert.match(unsure.out, /^ {2}plugin files +same: .*plugin\.ts/m);
});

Deno.test("a result from before the last one is reused, and the fields say what changed since the last", async () => {
  await using project = await Project.make({ "in.txt": "abc\n", "workflow.yaml": WORKFLOW });
  await project.run();
  await project.write("workflow.yaml", WORKFLOW.replace("12345", "67890"));
  await project.run();
  await project.write("workflow.yaml", WORKFLOW);
  const { out } = await project.cairn("explain", "workflow.yaml", "other");
  assert.match(out, /^other is reused, because /);
  assert.match(out, /^ {2}with\.run +"echo 67890 .+" → "echo 12345 /m);
});
