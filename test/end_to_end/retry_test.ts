// Steps that fail and are tried again: after which failures, with what, and what stops it.
import assert from "node:assert/strict";
import { runPlugin } from "../support/own_plugin.ts";
import { commandStep, eventually, Project, workflowOf } from "../support/rig.ts";

/** A script that notes each attempt in a file and goes on from the third one. */
const failingTwice = (project: Project, failure: string): string =>
  [
    `echo try >> ${project.path("tries")}`,
    `if [ $(wc -l < ${project.path("tries")}) -lt 3 ]; then`,
    "  echo half > ${{ outputs.out }}/half",
    `  ${failure}`,
    "fi",
    "ls ${{ outputs.out }} > ${{ outputs.out }}/found",
  ].join("\n");

async function projectWith(
  script: (project: Project) => string,
  retry: string,
): Promise<Project> {
  const project = await Project.make();
  const step = commandStep("a", script(project), { more: retry });
  await project.write("workflow.yaml", workflowOf([step], "publish:\n  out: a.out\n"));
  return project;
}

Deno.test("a step that fails is tried again as often as asked, each time from nothing", async () => {
  await using project = await projectWith(
    (project) => failingTwice(project, "echo failing; exit 3"),
    "retry: { times: 2 }",
  );
  const run = await project.run();
  assert.deepEqual([run.code, run.steps], [0, { a: "ran" }]);
  assert.deepEqual(
    run.of("step-retrying").map(({ attempt, attempts, message }) => [attempt, attempts, message]),
    [
      [2, 3, "Its process ended with exit code 3"],
      [3, 3, "Its process ended with exit code 3"],
    ],
  );
  assert.deepEqual(run.of("step-started").map(({ attempt }) => attempt), [undefined, 2, 3]);
  assert.deepEqual(project.files("out"), [".cairn-published.json", "found"]);
  assert.equal(await project.read("out/found"), "found\n");
  const [log] = project.files(".cairn/runs").filter((path) => path.endsWith("/a.log"));
  assert.equal(
    await project.read(`.cairn/runs/${log}`),
    "failing\n--- attempt 2 of 3 ---\nfailing\n",
  );
});

Deno.test("how a step is tried again is no part of what it makes", async () => {
  await using project = await projectWith(() => "echo > ${{ outputs.out }}/x", "timeout: 1m");
  assert.deepEqual((await project.run()).steps, { a: "ran" });
  const text = await project.read("workflow.yaml");
  await project.write("workflow.yaml", text.replace("timeout: 1m", "retry: { times: 1 }"));
  assert.deepEqual((await project.run()).steps, { a: "reused" });
});

Deno.test("after the last attempt the failure is final, and says how many there were", async () => {
  await using project = await projectWith(
    (project) => failingTwice(project, "exit 3"),
    "retry: { times: 1, delay: 0.01s, factor: 2 }",
  );
  const { code, failure } = await project.run();
  assert.deepEqual([code, failure.attempts], [1, 2]);
  assert.match((await project.cairn("run", "workflow.yaml")).out, /^ran {8}a/m);
});

Deno.test("only failures that are named are tried again", async () => {
  const failures = [
    { failure: "exit 3", on: "3" },
    { failure: "exit 3", on: "failed" },
    { failure: "sleep 60", on: "timeout" },
    { failure: "kill -9 $$", on: "killed" },
  ];
  for (const { failure, on } of failures) {
    await using project = await projectWith(
      (project) => failingTwice(project, failure),
      `retry: { times: 2, on: ${on} }\n    timeout: 1s`,
    );
    assert.equal((await project.run()).code, 0, `${failure} on ${on}`);
    await Deno.remove(project.path("tries"));
    const others = ["4", "failed", "timeout", "killed"].filter((other) => other !== on);
    const wrong = others.filter((other) => failure !== "exit 3" || other !== "failed").join(", ");
    const text = await project.read("workflow.yaml");
    await project.write("workflow.yaml", text.replace(`on: ${on}`, `on: [${wrong}]`));
    const run = await project.run("--force", "a");
    assert.deepEqual([run.code, run.of("step-retrying").length], [1, 0], `${failure} on ${wrong}`);
  }
});

Deno.test("what the sandbox refuses is not tried again: it would be refused again", async () => {
  await using project = await Project.make();
  const run = await runPlugin(project, 'await Deno.readTextFile("/etc/passwd");', {
    step: "    retry: { times: 3 }\n",
  });
  assert.deepEqual([run.code, run.of("step-retrying").length], [1, 0]);
});

Deno.test("while a step waits for its next attempt others have its place", async () => {
  await using project = await Project.make();
  await project.write(
    "workflow.yaml",
    workflowOf([
      commandStep("a", `test -e ${project.path("b")}\necho > \${{ outputs.out }}/x`, {
        more: "retry: { times: 100, delay: 0.1s }",
      }),
      commandStep("b", `echo > ${project.path("b")}\necho > \${{ outputs.out }}/x`),
    ]),
  );
  const run = await project.run("--jobs", "1");
  assert.deepEqual([run.code, run.steps], [0, { a: "ran", b: "ran" }]);
});

Deno.test("a run that is interrupted does not wait for the next attempt", async () => {
  await using project = await projectWith(
    (project) => failingTwice(project, "exit 3"),
    "retry: { times: 2, delay: 20d }",
  );
  const interrupted = new AbortController();
  const run = project.cairnUntil(interrupted.signal, "run", "workflow.yaml");
  await eventually("the first attempt to be told of", async () => {
    const [journal] = project.files(".cairn/runs").filter((path) =>
      path.endsWith("journal.ndjson")
    );
    const text = journal === undefined ? "" : await project.read(`.cairn/runs/${journal}`);
    return text.includes("step-retrying") ? true : undefined;
  });
  interrupted.abort();
  const { code, out } = await run;
  assert.equal(code, 130);
  assert.match(out, /^retrying {3}a {2}attempt 2 of 3 in 480 h 0 min, after \d+ ms: Its process/m);
  assert.match(out, /^cancelled {2}a$/m);
});

Deno.test("once another step has failed, a step stays at its failure, or goes on as asked", async () => {
  await using project = await Project.make();
  await project.write(
    "workflow.yaml",
    workflowOf([
      commandStep("a", failingTwice(project, "exit 3"), {
        more: "retry: { times: 2, delay: 0.5s }",
      }),
      commandStep("b", `until [ -e ${project.path("tries")} ]; do sleep 0.05; done\nexit 4`),
    ]),
  );
  const stopped = await project.run();
  assert.deepEqual([stopped.code, stopped.steps], [1, { a: "failed", b: "failed" }]);
  await Deno.remove(project.path("tries"));
  const kept = await project.run("--keep-going");
  assert.deepEqual([kept.code, kept.steps], [1, { a: "ran", b: "failed" }]);
});

Deno.test("no further attempt is told once another step has failed", async () => {
  await using project = await Project.make();
  const journals = project.path(".cairn/runs/*/journal.ndjson");
  await project.write(
    "workflow.yaml",
    workflowOf([
      commandStep("a", `until grep -qs step-failed ${journals}; do sleep 0.05; done\nexit 3`, {
        more: "retry: { times: 1 }",
      }),
      commandStep("b", "exit 4"),
    ]),
  );
  const run = await project.run();
  assert.deepEqual(run.steps, { a: "failed", b: "failed" });
  assert.deepEqual(run.of("step-retrying"), []);
});

Deno.test("a further attempt goes on from what the one before saved, also where it was forced", async () => {
  await using project = await Project.make();
  const body = `const found = await checkpoint.latest();
    await checkpoint.save((found?.at ?? 0) + 1, (folder) => Deno.writeTextFile(folder + "/x", ""));
    log("from " + (found?.at ?? "nothing"));
    if ((found?.at ?? 0) < 2) throw new StepError("not yet");`;
  const parts = { step: "    retry: { times: 2 }\n", tools: "checkpoint, log" };
  const first = await runPlugin(project, body, parts);
  const texts = (run: typeof first): readonly string[] =>
    run.of("step-log").map(({ text }) => text);
  assert.equal(first.code, 0, first.error);
  assert.deepEqual(texts(first), ["from nothing", "from 1", "from 2"]);
  assert.deepEqual(first.of("step-finished").map(({ resumedFrom }) => resumedFrom?.at), [2]);
  assert.deepEqual(texts(await project.run("--force", "mine")), texts(first));
});
