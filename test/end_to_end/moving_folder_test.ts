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
