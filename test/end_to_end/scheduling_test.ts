// What runs when, and with what: jobs, tokens, GPUs, and steps that need not wait.
import assert from "node:assert/strict";
import { commandStep, Project, resultOf, workflowOf } from "../support/rig.ts";

/** Fails where two steps do this at the same time. */
const ALONE = (name: string): string =>
  `mkdir "$PROJECT/${name}" && sleep 0.05 && rmdir "$PROJECT/${name}" && touch \${{ outputs.out }}/x`;

/** A command step that knows where the project lies. */
function stepIn(project: Project, name: string, run: string, more = ""): string {
  // Its name keeps it from being the same work as another step.
  const known = `# ${name}\n${run.replaceAll("$PROJECT", project.folder)}`;
  return commandStep(name, known, { more });
}

Deno.test("--jobs 1 runs one step at a time", async () => {
  await using project = await Project.make();
  const names = ["a", "b", "c", "d"];
  const steps = names.map((name) => stepIn(project, name, ALONE("alone")));
  await project.write("workflow.yaml", workflowOf(steps));
  const { code, error } = await project.run("--jobs", "1");
  assert.equal(code, 0, error);
});

Deno.test("steps that hold the same only token never run at the same time", async () => {
  await using project = await Project.make();
  const steps = ["a", "b", "c"].map((name) =>
    stepIn(project, name, ALONE("licensed"), "resources: { tokens: { license: 1 } }")
  );
  await project.write("workflow.yaml", `tokens: { license: 1 }\n${workflowOf(steps)}`);
  const run = await project.run();
  assert.equal(run.code, 0, run.error);
  assert.deepEqual(run.of("step-started").map(({ tokens }) => tokens), [
    { license: 1 },
    { license: 1 },
    { license: 1 },
  ]);
  // The workflow is remembered with its tokens.
  assert.equal((await project.run("--force", "all")).code, 0);
});

Deno.test("a thousand steps wait for the only job, with 256 open files allowed; after a failure none starts", async () => {
  await using project = await Project.make();
  const values = Array.from({ length: 1000 }, (_, at) => at).join(", ");
  await project.write(
    "workflow.yaml",
    `steps:\n  many:\n    uses: command\n    matrix: { at: [${values}] }\n` +
      '    with: { run: "exit 1 # ${{ matrix.at }}", outputs: { out: text } }\n',
  );
  const program = new URL("../../main.ts", import.meta.url).pathname;
  const line = 'ulimit -n 256 && exec "$0" run --quiet -A "$1" run workflow.yaml --jobs 1';
  const { code, out, error } = await resultOf(
    new Deno.Command("sh", {
      args: ["-c", line, Deno.execPath(), program],
      cwd: project.folder,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn(),
  );
  assert.equal(code, 1, error);
  assert.match(out, /: 1 failed, 999 skipped$/m);
});

Deno.test("a step that can be reused does not wait for a lease", async () => {
  await using project = await Project.make({ "data.txt": "same" });
  const known = commandStep("known", "cp data.txt ${{ outputs.out }}", { files: ["data.txt"] });
  await project.write("workflow.yaml", workflowOf([known]));
  await project.run();
  await project.write("data.txt", "same"); // known to be the same only once it is read again
  const blocker = stepIn(
    project,
    "blocker",
    "until grep -q step-reused $PROJECT/.cairn/runs/*/journal.ndjson; do sleep 0.01; done\n" +
      "touch ${{ outputs.out }}/x",
    "timeout: 20s",
  );
  await project.write("workflow.yaml", workflowOf([blocker, known]));
  const run = await project.run("--jobs", "1");
  assert.deepEqual(run.steps, { known: "reused", blocker: "ran" }, run.error);
});

const GPU_LIST = "0, GPU-8f6f7a2e-3b1c, Test GPU, 24576\n1, GPU-1c0de2aa-77aa, Test GPU, 24576\n";

/** A project on a machine whose driver lists two GPUs of 24 GiB. */
async function withGpus(steps: (project: Project) => readonly string[]): Promise<Project> {
  const project = await Project.make();
  await project.write(
    "bin/nvidia-smi",
    `#!/bin/sh\nprintf '${GPU_LIST.replaceAll("\n", "\\n")}'\n`,
  );
  await Deno.chmod(project.path("bin/nvidia-smi"), 0o755);
  await project.write("workflow.yaml", workflowOf(steps(project)));
  return project;
}

async function runWithGpus(project: Project): ReturnType<typeof resultOf> {
  const path = `${project.path("bin")}:${Deno.env.get("PATH")}`;
  const child = project.spawnWith({ PATH: path }, "run", "workflow.yaml");
  return await resultOf(child);
}

Deno.test("two small steps share a GPU at the same time, a step that asks for a GPU has it alone", async () => {
  const meet = (own: string, other: string): string =>
    `echo $CUDA_VISIBLE_DEVICES > $PROJECT/gpu-${own}; touch $PROJECT/${own}\n` +
    `until [ -e $PROJECT/${other} ]; do sleep 0.01; done; touch \${{ outputs.out }}/x`;
  const share = "resources: { gpu-memory: 8GiB }";
  await using project = await withGpus((project) => [
    stepIn(project, "a", meet("a", "b"), `timeout: 20s\n    ${share}`),
    stepIn(project, "b", meet("b", "a"), `timeout: 20s\n    ${share}`),
    stepIn(
      project,
      "whole",
      "echo $CUDA_VISIBLE_DEVICES $OMP_NUM_THREADS $MKL_NUM_THREADS > $PROJECT/gpu-whole\n" +
        "touch ${{ outputs.out }}/x",
      "after: [a]\n    resources: { gpus: 2, cpus: 2 }",
    ),
  ]);
  const { code, out, error } = await runWithGpus(project);
  assert.equal(code, 0, out + error);
  const seen = await Promise.all(["a", "b", "whole"].map((name) => project.read(`gpu-${name}`)));
  assert.deepEqual(seen, ["0\n", "0\n", "0,1 2 2\n"]);
});

Deno.test("more GPUs or more of their memory than there is, is refused before anything runs", async () => {
  await using project = await withGpus(() => [
    commandStep("many", "true", { more: "resources: { gpus: 3 }" }),
    commandStep("large", "true", { more: "resources: { gpus: 2, gpu-memory: 80GiB }" }),
  ]);
  const { code, error } = await runWithGpus(project);
  assert.equal(code, 2);
  assert.match(error, /Step "many" asks for 3 GPUs, this machine has 2 GPUs/);
  assert.match(
    error,
    /Step "large" asks for 2 GPUs with 85\.9 GB, this machine has 0 GPUs with 85\.9 GB/,
  );
  assert.deepEqual(project.files(".cairn/runs"), []);
});
