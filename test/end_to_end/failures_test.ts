// Steps that fail, hang, flood or reach for what is not theirs: one step ends, with words that help.
import assert from "node:assert/strict";
import { commandStep, Project, type RunResult, workflowOf } from "../support/rig.ts";

/** Runs a workflow of one TypeScript plugin with this body of its run function. */
async function runPlugin(project: Project, body: string, more = ""): Promise<RunResult> {
  await project.write(
    "plugin.ts",
    `import { definePlugin, StepError, z } from "cairn/plugin";
    export const plugin = definePlugin({
      name: "mine",
      kind: "other",
      description: "a plugin of a test",
      version: 1,
      config: z.strictObject({}),
      inputs: {},
      outputs: { out: { type: "text", description: "" } },
      async run({ outputs, scratch, log, metric }) {
        ${body}
      },
    });`,
  );
  await project.write("workflow.yaml", `steps:\n  mine:\n    uses: ./plugin.ts\n${more}`);
  return await project.run();
}

Deno.test("a failed step says what, where, the log and its last lines, and exits with 1", async () => {
  await using project = await Project.make();
  const script = "seq 1 20\necho broken >&2\nexit 3";
  await project.write("workflow.yaml", workflowOf([commandStep("a", script)]));
  const { code, out, error } = await project.cairn("run", "workflow.yaml");
  assert.deepEqual([code, error], [1, ""]);
  assert.match(out, /^failed {5}a {2}after \d+ ms$/m);
  assert.match(
    out,
    /error\[step-failed\]: Step "a" \(plugin "command"\) failed: Its process ended with exit code 3/,
  );
  assert.match(out, /^ {2}at workflow\.yaml:3:3$/m);
  assert.match(out, /│ 20\n.*│ broken/);
  assert.doesNotMatch(out, /│ 5$/m);
  assert.doesNotMatch(out, /\bat file:/);
  assert.match(out, /^failed in \d+ ms: 1 failed$/m);
  const log = /log: (\S+)/.exec(out)?.[1] ?? "";
  const path = log.startsWith("/") ? log : project.path(log);
  assert.equal(
    await Deno.readTextFile(path),
    [...Array(20).keys()].map((at) => `${at + 1}\n`).join("") + "broken\n",
  );
});

Deno.test("a module that is missing is told with the place that imports it, without a stack", async () => {
  await using project = await Project.make();
  const { code, failure } = await runPlugin(project, 'await import("./missing.ts");');
  assert.equal(code, 1);
  assert.match(failure.message ?? "", /^Module not found .*missing\.ts.*at \S+\/plugin\.ts:11:22$/);
  assert.equal(failure.stack, undefined);
});

Deno.test("a failure that the user can mend is shown with its hint and without a stack", async () => {
  await using project = await Project.make();
  const { code, failure } = await runPlugin(
    project,
    'throw new StepError("Image \\"a.tif\\" has no mask", { hint: "Add it" });',
  );
  assert.deepEqual([code, failure.message, failure.hint, failure.stack], [
    1,
    'Image "a.tif" has no mask',
    "Add it",
    undefined,
  ]);
});

Deno.test("a defect of a plugin is shown with its place", async () => {
  await using project = await Project.make();
  const { failure } = await runPlugin(project, "throw new TypeError('x is no number');");
  assert.equal(failure.message, "TypeError: x is no number");
  assert.match(failure.stack ?? "", /plugin\.ts:\d+/);
});

Deno.test("a plugin that never returns is ended by its timeout", async () => {
  await using project = await Project.make();
  const { code, failure } = await runPlugin(
    project,
    "await new Promise(() => {});",
    "    timeout: 1s\n",
  );
  assert.equal(code, 1);
  assert.equal(failure.message, "Took longer than its timeout of 1 s");
  assert.match(failure.hint ?? "", /timeout/);
});

Deno.test("a step that forgets an output fails, naming it", async () => {
  await using project = await Project.make();
  const silent = await runPlugin(project, "await Deno.writeTextFile(`${scratch}/x`, '');");
  assert.equal(silent.failure.message, 'Ended without making its output "out"');
  await project.write("workflow.yaml", workflowOf([commandStep("a", "rm -r ${{ outputs.out }}")]));
  assert.equal((await project.run()).failure.message, 'Ended without making its output "out"');
});

Deno.test("a plugin that ends its process early has not done its work", async () => {
  await using project = await Project.make();
  const { failure } = await runPlugin(
    project,
    "await Deno.writeTextFile(`${outputs.out}/half.txt`, 'half'); Deno.exit(0);",
  );
  assert.equal(failure.message, "Its process ended with exit code 0");
  assert.equal(project.files(".cairn/actions").length, 0);
});

Deno.test("a link in an output fails the step, naming the link", async () => {
  await using project = await Project.make();
  await project.write(
    "workflow.yaml",
    workflowOf([commandStep("a", "ln -s /etc/passwd ${{ outputs.out }}/link")]),
  );
  const { failure } = await project.run();
  assert.equal(failure.message, '"link" is a symbolic link');
  assert.equal(failure.stack, undefined);
});

Deno.test("a plugin may print 5 MB, log long texts and odd characters, and still succeed", async () => {
  await using project = await Project.make();
  const run = await runPlugin(
    project,
    `
    for (let at = 0; at < 50; at++) console.log("x".repeat(100_000));
    Deno.stdout.writeSync(new TextEncoder().encode("no line's end"));
    log("y".repeat(300_000));
    log("z\\u0000\\u001b[31m".repeat(50_000));
    metric("loss", 0.5, 1);
    await Deno.writeTextFile(\`\${outputs.out}/x\`, "x");`,
  );
  assert.deepEqual([run.code, run.steps], [0, { mine: "ran" }]);
  assert.deepEqual(run.of("step-metric").map(({ name, value, at }) => [name, value, at]), [[
    "loss",
    0.5,
    1,
  ]]);
  const logs = run.of("step-log").filter(({ level }) => level === "log");
  assert.deepEqual(logs.map(({ text }) => text[0]), ["y", "z"]);
});

Deno.test("what a step prints cannot steer the terminal", async () => {
  await using project = await Project.make();
  await project.write(
    "workflow.yaml",
    workflowOf([commandStep("a", "printf '\\033[2Jgone\\n'; exit 1")]),
  );
  const { out } = await project.cairn("run", "workflow.yaml");
  assert.match(out, /\[2Jgone/);
  assert.ok(!out.includes("\x1b"));
});

Deno.test("a program that does not exist is named", async () => {
  await using project = await Project.make();
  await project.write(
    "workflow.yaml",
    "steps:\n  a:\n    uses: command\n    with: { run: [no-such-program], outputs: { out: text } }\n",
  );
  const { failure } = await project.run();
  assert.equal(failure.message, 'Cannot find the program "no-such-program"');
});

const THREE = workflowOf([
  commandStep("bad", "exit 1"),
  commandStep("after", "cp ${{ inputs.in }}/* ${{ outputs.out }}", { inputs: "in: bad.out" }),
  commandStep("other", "echo x > ${{ outputs.out }}/x"),
  commandStep("last", "cp ${{ inputs.in }}/* ${{ outputs.out }}", { inputs: "in: other.out" }),
]);

for (
  const [what, argument, words] of [
    ["too long", JSON.stringify("x".repeat(2 ** 17)), /too long/],
    ["not text", '"a\\0b"', /nul byte/],
  ] satisfies [string, string, RegExp][]
) {
  Deno.test(`a program's argument that is ${what} is told without a stack`, async () => {
    await using project = await Project.make();
    const run = `["echo", ${argument}]`;
    await project.write(
      "workflow.yaml",
      `steps:\n  a:\n    uses: command\n    with: { run: ${run}, outputs: { out: text } }\n`,
    );
    const { failure } = await project.run();
    assert.match(failure.message, /^Cannot start the program "echo": /);
    assert.match(failure.message, words);
    assert.equal(failure.stack, undefined);
  });
}

Deno.test("what needs a failed step is skipped", async () => {
  await using project = await Project.make({ "workflow.yaml": THREE });
  const { code, steps } = await project.run();
  assert.deepEqual([code, steps["bad"], steps["after"]], [1, "failed", "skipped"]);
});

Deno.test("asked to keep going, all that does not need the failed step runs", async () => {
  await using project = await Project.make({ "workflow.yaml": THREE });
  const run = await project.run("--keep-going");
  assert.equal(run.code, 1);
  assert.deepEqual(run.steps, { bad: "failed", after: "skipped", other: "ran", last: "ran" });
  assert.equal(run.of("step-skipped")[0]?.because, "bad");
});

Deno.test("a failure is not remembered: the step runs again", async () => {
  await using project = await Project.make({ "workflow.yaml": THREE });
  await project.run();
  assert.equal((await project.run()).steps["bad"], "failed");
});

Deno.test("a step's result is reusable although others began to read the same bytes meanwhile", async () => {
  await using project = await Project.make();
  await project.write(
    "watch.ts",
    `import { definePlugin, z } from "cairn/plugin";
    export const plugin = definePlugin({
      name: "watch",
      kind: "other",
      description: "ends once its input's file has a third name: the store's, its own, another step's",
      version: 1,
      config: z.strictObject({}),
      inputs: { in: { type: "text", description: "" } },
      outputs: { out: { type: "text", description: "" } },
      async run({ inputs, outputs }) {
        const file = inputs.in.path + "/same";
        while (Deno.statSync(file).nlink < 3) await new Promise((go) => setTimeout(go, 5));
        await Deno.copyFile(file, outputs.out + "/same");
      },
    });`,
  );
  const make = "echo same > ${{ outputs.out }}/same";
  await project.write(
    "workflow.yaml",
    workflowOf([
      commandStep("one", make),
      "  first: { uses: ./watch.ts, inputs: { in: one.out } }\n",
      // A second later, so that the system's time of the file's last change is another one.
      commandStep("two", `sleep 1; ${make}; echo more > \${{ outputs.out }}/more`),
      "  second: { uses: ./watch.ts, inputs: { in: two.out } }\n",
    ]),
  );
  const { code, events } = await project.run();
  assert.equal(code, 0);
  const reasons = events.flatMap((event) =>
    event.type === "step-finished" ? [event.unreusable] : []
  );
  assert.deepEqual(reasons, [undefined, undefined, undefined, undefined]);
});

Deno.test("declared files of a program must each have a place of their own", async () => {
  await using project = await Project.make();
  await project.write("one/a.sh", "true");
  const files = '[".", "one/a.sh", "./one/a.sh"]';
  await project.write(
    "workflow.yaml",
    `steps:\n  a:\n    uses: command\n    with: { run: "true", files: ${files} }\n`,
  );
  const { code, error } = await project.cairn("check", "workflow.yaml");
  assert.equal(code, 2);
  assert.match(error, /"\." is the whole project/);
  assert.match(error, /"\.\/one\/a\.sh" and another file would lie at "one\/a\.sh"/);
});

Deno.test("no declared file of a program lies among its outputs, however it is written", async () => {
  await using project = await Project.make({ "outputs/out/a.txt": "a", "one/a.sh": "true" });
  const written = ["outputs/out", "one/../outputs/out/a.txt", project.path("outputs/out/a.txt")];
  for (const file of written) {
    const step = commandStep("a", "true", { files: [file] });
    await project.write("workflow.yaml", workflowOf([step]));
    const { code, error } = await project.cairn("run", "workflow.yaml");
    assert.equal(code, 2);
    assert.ok(error.includes(`would lie in the step's own folder "outputs"`), error);
  }
});
