// What the steps of a killed engine left running is ended by the next run, even where it fled its group.
import assert from "node:assert/strict";
import { commandStep, eventually, isAlive, Project, resultOf, workflowOf } from "../support/rig.ts";

/** Writes into its output for a minute, and so does a child that leaves the step's process group. */
function busy(folder: string): string {
  const write = (name: string): string =>
    `echo $$ >> ${folder}/pids; for i in $(seq 1200); do echo $i > \${{ outputs.out }}/${name}$i; sleep 0.05; done`;
  return commandStep("busy", `setsid sh -c '${write("fled")}' &\n${write("stayed")}`);
}

async function alive(pids: readonly string[]): Promise<readonly string[]> {
  const are = await Promise.all(pids.map((pid) => isAlive(Number(pid))));
  return pids.filter((_, at) => are[at]);
}

Deno.test("programs of a killed engine are ended by the next run, and what they wrote is removed", async () => {
  await using project = await Project.make();
  await project.write("workflow.yaml", workflowOf([busy(project.folder)]));
  const child = project.spawn("run", "workflow.yaml");
  const pids = await eventually("both programs to write", async () => {
    const lines = await project.lines("pids");
    return lines.length === 2 ? lines : undefined;
  });
  child.kill("SIGKILL");
  await resultOf(child);
  assert.deepEqual(await alive(pids), pids);

  await project.write(
    "workflow.yaml",
    workflowOf([commandStep("quick", "echo 1 > ${{ outputs.out }}/x")]),
  );
  const next = await project.run();
  assert.deepEqual([next.code, next.error], [0, ""]);
  assert.deepEqual(await alive(pids), []);
  assert.deepEqual(project.files(".cairn/tmp"), []);
});
