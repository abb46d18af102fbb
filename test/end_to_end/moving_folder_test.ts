// A declared folder in which files come and go while a step runs.
import assert from "node:assert/strict";
import { commandStep, Project, workflowOf } from "../support/rig.ts";

Deno.test("a file that comes and goes in a declared folder leaves nothing to reuse", async () => {
  await using project = await Project.make({ "data/a": "1\n" });
  const [guest, quiet] = [project.path("data/guest"), project.path("quiet")];
  const read = `cat ${project.path("data")}/* > \${{ outputs.out }}/all`;
  const script =
    `if [ -e ${quiet} ]; then ${read}; exit; fi\necho 2 > ${guest}\n${read}\nrm ${guest}`;
  await project.write("workflow.yaml", workflowOf([commandStep("a", script, { files: ["data"] })]));
  const first = await project.run();
  assert.match(first.of("step-finished")[0]?.unreusable ?? "", /data" changed while/);
  await project.write("quiet", "from now on the step leaves its input alone");
  assert.deepEqual((await project.run()).steps, { a: "ran" });
  assert.deepEqual((await project.run()).steps, { a: "reused" });
});

for (
  const [what, change] of [
    ["a file", "rm -r data/in\necho 1 > data/in"],
    ["a link to itself", "rm data/in/a\nln -s a data/in/a"],
    ["a link that leads nowhere", "rm data/in/a\nln -s b data/in/a"],
  ] satisfies [string, string][]
) {
  Deno.test(`a declared file in whose way ${what} came leaves nothing to reuse`, async () => {
    await using project = await Project.make({ "data/in/a": "1\n" });
    const script = `cd ${project.folder}\n${change}\ncd -\necho 1 > \${{ outputs.out }}/all`;
    const step = commandStep("a", script, { files: ["data/in/a"] });
    await project.write("workflow.yaml", workflowOf([step]));
    const run = await project.run();
    assert.deepEqual(run.steps, { a: "ran" });
    assert.match(run.of("step-finished")[0]?.unreusable ?? "", /data\/in\/a" changed while/);
  });
}

Deno.test("a link that led elsewhere while a step ran leaves nothing to reuse", async () => {
  for (const link of ["data", "deeper"]) {
    await using project = await Project.make({ "one/a": "1\n", "two/a": "2\n" });
    await Deno.symlink("deeper", project.path("data"));
    await Deno.symlink("one", project.path("deeper"));
    const lead = (to: string): string => `ln -sfn ${to} ${project.path(link)}`;
    const read = `cat ${project.path("data")}/a > \${{ outputs.out }}/all`;
    const script = `${lead("two")}\n${read}\n${lead(link === "data" ? "deeper" : "one")}`;
    const step = commandStep("a", script, { files: ["data"] });
    await project.write("workflow.yaml", workflowOf([step]));
    const run = await project.run();
    assert.match(run.of("step-finished")[0]?.unreusable ?? "", /changed while/, link);
  }
});
