// What runs when, and with what: jobs, tokens, GPUs, and steps that need not wait.
import assert from "node:assert/strict";
import { runPlugin } from "../support/own_plugin.ts";
import { commandStep, eventually, Project, resultOf, workflowOf } from "../support/rig.ts";

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

Deno.test("asked to keep going, the only job goes to the next step after a failure", async () => {
  await using project = await Project.make();
  const steps = ["a", "b", "c"].map((name) => stepIn(project, name, "exit 1"));
  await project.write("workflow.yaml", workflowOf(steps));
  const run = await project.run("--jobs", "1", "--keep-going");
  assert.deepEqual(run.steps, { a: "failed", b: "failed", c: "failed" });
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

Deno.test("while another run makes a step's result, the only job goes to the next step", async () => {
  await using project = await Project.make();
  const slow = stepIn(
    project,
    "slow",
    "touch $PROJECT/began\nuntil [ -e $PROJECT/quick-ran ]; do sleep 0.01; done\n" +
      "touch ${{ outputs.out }}/x",
    "timeout: 20s",
  );
  const quick = stepIn(project, "quick", "touch $PROJECT/quick-ran ${{ outputs.out }}/x");
  await project.write("workflow.yaml", workflowOf([slow, quick]));
  const other = project.spawnToEnd("run", "workflow.yaml", "--only", "slow");
  await eventually(
    "the other run to begin",
    () => Deno.stat(project.path("began")).catch(() => undefined),
  );
  const run = await project.run("--jobs", "1");
  assert.deepEqual(run.steps, { quick: "ran", slow: "reused" }, run.error);
  assert.equal((await other).code, 0);
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

Deno.test({
  name: "a step's peak of memory is recorded, shown, and kept for it the next time",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    await using project = await Project.make();
    const fill =
      "const kept = new Uint8Array(150 * 2 ** 20).fill(1); setTimeout(() => kept.at(0), 2200)";
    const run = `"${Deno.execPath()}" eval '${fill}' && touch \${{ outputs.out }}/x`;
    await project.write(
      "workflow.yaml",
      workflowOf([
        commandStep("fills", run),
        commandStep("asks", "sleep 1.7; touch ${{ outputs.out }}/x", {
          more: "resources: { memory: 5MiB }",
        }),
      ]),
    );
    const first = await project.run();
    const finished = first.of("step-finished").find(({ step }) => step === "fills");
    const peak = finished?.peakMemoryBytes ?? 0;
    assert.ok(peak > 150 * 2 ** 20 && peak < 900 * 2 ** 20, `${peak} bytes`);
    const [id = ""] = [...Deno.readDirSync(project.path(".cairn/runs"))].map(({ name }) => name);
    assert.match(
      (await project.cairn("runs", id)).out,
      /^step +plugin +state +time +memory +why$/m,
    );
    const { out } = await project.cairn("explain", "workflow.yaml", "fills");
    assert.match(out, /^memory: took up to .+ last time, .+ are kept for it$/m);
    assert.deepEqual((await project.run()).steps, { fills: "reused", asks: "reused" });
    const again = await project.run("--force", "all");
    const kept = new Map(again.of("step-started").map((event) => [event.step, event.memoryBytes]));
    assert.ok(kept.get("fills")! >= 1.2 * peak && kept.get("fills")! < 1.4 * peak, `${kept}`);
    assert.equal(kept.get("asks"), 5 * 2 ** 20, "what the workflow asks for is taken as it is");
  },
});

Deno.test("a plugin that fills its heap is told that it ran out of memory", async () => {
  await using project = await Project.make();
  // The variable lets the heap be full at 60 MiB.
  project.environment.set("DENO_V8_FLAGS", "--max-old-space-size=60");
  const { failure } = await runPlugin(
    project,
    "const kept = []; for (let at = 0; at < 60; at++) " +
      "kept.push(Array.from({ length: 1e6 }, (_, at) => at + 0.5));",
    { permissions: '{ env: ["DENO_V8_FLAGS"] }' },
  );
  assert.match(failure.message, /^Ran out of memory.*: its JavaScript heap was full$/);
  assert.match(failure.hint ?? "", /^Ask for more, such as with resources: \{ memory: \d+GiB \}/);
});

Deno.test({
  name: "a step that was killed by somebody else is not said to lack memory",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    await using project = await Project.make();
    const suicide = commandStep("killed", "sleep 2.2; kill -9 $$");
    await project.write("workflow.yaml", workflowOf([suicide]));
    const { failure } = await project.run();
    // Where the kernel does not say how often it killed for lack of memory, nobody can know.
    assert.match(
      failure.message,
      /^Its process was killed (with SIGKILL, not by cairn|by the system)$/,
    );
  },
});

const GRANTED_BYTES = 5 * 2 ** 30;

Deno.test({
  name: "a plugin's heap may grow to what its step was granted",
  ignore: Deno.systemMemoryInfo().total < GRANTED_BYTES,
  fn: async () => {
    await using project = await Project.make();
    const { code, error } = await runPlugin(
      project,
      `const { getHeapStatistics } = await import("node:v8");
      const { heap_size_limit: limit } = getHeapStatistics();
      if (limit < ${GRANTED_BYTES}) throw new StepError("only " + limit);`,
      { step: `    resources: { memory: ${GRANTED_BYTES} }\n` },
    );
    assert.equal(code, 0, error);
  },
});
