// What is killed or interrupted leaves nothing half-written, and the next run ends right.
import assert from "node:assert/strict";
import { commandStep, eventually, isAlive, Project, resultOf, workflowOf } from "../support/rig.ts";

/** A step that writes half of its output and then waits, until a file `go` says that it may end. */
async function waitingProject(): Promise<Project> {
  const project = await Project.make();
  const script = [
    `echo run >> ${project.path("ran")}`,
    "printf half > ${{ outputs.out }}/x",
    `sh -c 'echo $$ > ${project.path("grandchild")}; exec sleep 100' &`,
    `echo $$ > ${project.path("child")}`,
    `[ -e ${project.path("go")} ] || wait`,
    "printf whole > ${{ outputs.out }}/x",
  ].join("\n");
  await project.write(
    "workflow.yaml",
    workflowOf([
      commandStep("a", script),
      commandStep("b", "cp ${{ inputs.in }}/x ${{ outputs.out }}/x", { inputs: "in: a.out" }),
    ], "publish:\n  out: b.out\n"),
  );
  return project;
}

/** Process ids of the waiting step and of what it started. */
async function stepPids(project: Project): Promise<readonly number[]> {
  return [Number(await project.appears("child")), Number(await project.appears("grandchild"))];
}

async function ended(pids: readonly number[]): Promise<void> {
  for (const pid of pids) {
    await eventually(`process ${pid} to end`, async () => await isAlive(pid) ? undefined : true);
  }
}

async function runsRight(project: Project): Promise<void> {
  await project.write("go", "go");
  const { code, steps } = await project.run();
  assert.deepEqual([code, steps], [0, { a: "ran", b: "ran" }]);
  assert.equal(await project.read("out/x"), "whole");
  assert.deepEqual(project.files(".cairn/tmp"), []);
  assert.deepEqual((await project.run()).steps, { a: "reused", b: "reused" });
}

Deno.test("after the engine is killed in the middle of a step the next run ends right", async () => {
  await using project = await waitingProject();
  const engine = project.spawn("run", "workflow.yaml");
  const pids = await stepPids(project);
  engine.kill("SIGKILL");
  await resultOf(engine);
  try {
    assert.equal(project.files(".cairn/actions").length, 0);
    assert.match((await project.cairn("runs")).out, /unfinished/);
    await runsRight(project);
    assert.deepEqual(await project.lines("ran"), ["run", "run"]);
  } finally {
    for (const pid of pids) if (await isAlive(pid)) Deno.kill(pid, "SIGKILL");
  }
});

Deno.test("a sandboxed step ends when its engine is killed", async () => {
  await using project = await Project.make();
  await project.write(
    "plugin.ts",
    `import { definePlugin, z } from "cairn/plugin";
    export const plugin = definePlugin({
      name: "waits",
      kind: "other",
      description: "tells its process id and waits",
      version: 1,
      config: z.strictObject({}),
      inputs: {},
      outputs: { out: { type: "text", description: "" } },
      permissions: { shared: ["pids"] },
      async run({ shared }) {
        await Deno.writeTextFile(shared.pids + "/pid", String(Deno.pid));
        await new Promise((go) => setTimeout(go, 100_000));
      },
    });`,
  );
  await project.write("workflow.yaml", "steps:\n  a: { uses: ./plugin.ts }\n");
  const engine = project.spawn("run", "workflow.yaml");
  const pid = Number(await project.appears(".cairn/pids/pid"));
  engine.kill("SIGKILL");
  await resultOf(engine);
  await ended([pid]);
});

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.test(`${signal} ends the steps and the run with 130, and leaves nothing half-written`, async () => {
    await using project = await waitingProject();
    const engine = project.spawn("run", "workflow.yaml");
    const pids = await stepPids(project);
    engine.kill(signal);
    const { code, out, error } = await resultOf(engine);
    assert.deepEqual([code, error], [130, ""]);
    assert.match(out, /^cancelled {2}a$/m);
    assert.match(out, /^cancelled {2}b$/m);
    assert.match(out, /^cancelled in .*: 2 cancelled$/m);
    await ended(pids);
    assert.deepEqual(project.files("out"), []);
    assert.deepEqual(project.files(".cairn/tmp"), []);
    assert.equal(project.files(".cairn/actions").length, 0);
    assert.match((await project.cairn("runs")).out, /cancelled/);
    await runsRight(project);
  });
}

Deno.test("a plugin that is interrupted learns of it and may stop in its own way", async () => {
  await using project = await Project.make();
  await project.write(
    "plugin.ts",
    `import { definePlugin, z } from "cairn/plugin";
    export const plugin = definePlugin({
      name: "polite",
      kind: "other",
      description: "notes that it was asked to stop",
      version: 1,
      config: z.strictObject({}),
      inputs: {},
      outputs: { out: { type: "text", description: "" } },
      permissions: { shared: ["notes"] },
      async run({ shared, signal }) {
        const asked = new Promise((stop) => signal.addEventListener("abort", stop));
        await Deno.writeTextFile(shared.notes + "/started", "x");
        await asked;
        await Deno.writeTextFile(shared.notes + "/stopped", "x");
        throw signal.reason;
      },
    });`,
  );
  await project.write("workflow.yaml", "steps:\n  a: { uses: ./plugin.ts }\n");
  const interrupted = new AbortController();
  const run = project.cairnUntil(interrupted.signal, "run", "workflow.yaml");
  await project.appears(".cairn/notes/started");
  interrupted.abort();
  const { code, out } = await run;
  assert.equal(code, 130);
  assert.doesNotMatch(out, /failed/);
  assert.equal(await project.read(".cairn/notes/stopped"), "x");
});

Deno.test("a run that is interrupted while its step waits for another run's result ends at once", async () => {
  await using project = await waitingProject();
  const engine = project.spawn("run", "workflow.yaml");
  const pids = await stepPids(project);
  const interrupted = new AbortController();
  const second = project.cairnUntil(interrupted.signal, "run", "workflow.yaml", "--json");
  // Every run has a folder of its own, made before its first step is looked at.
  await eventually("the second run to begin", async () => {
    const runs = [...Deno.readDirSync(project.path(".cairn/runs"))];
    return await Promise.resolve(runs.length === 2 ? true : undefined);
  });
  interrupted.abort();
  assert.equal((await second).code, 130);
  assert.ok(await isAlive(pids[0] ?? 0), "the first run goes on");
  engine.kill("SIGINT");
  assert.equal((await resultOf(engine)).code, 130);
});
