// What mod.ts offers to programs: a workflow is run from TypeScript, its events are read as they come.
import assert from "node:assert/strict";
import { z } from "../engine/plugin.ts";
import { definePlugin, type Event, runWorkflow, WorkflowError } from "../mod.ts";
import { commandStep, Project, workflowOf } from "./support/rig.ts";

const WORKFLOW = `params:
  who: { type: string, choices: [you, me] }
${
  workflowOf([
    commandStep("hello", "echo hello ${{ params.who }} > ${{ outputs.out }}/x; echo said"),
    commandStep("other", "echo other > ${{ outputs.out }}/x"),
  ], "publish: { out/hello: hello.out }\n")
}`;

/** The types of all events of a run, in their order. */
async function typesOf(events: AsyncIterable<Event>): Promise<readonly string[]> {
  return (await Array.fromAsync(events)).map(({ type }) => type);
}

Deno.test("a program runs a workflow and reads its events as they come, each reader all of them", async () => {
  await using project = await Project.make({ "workflow.yaml": WORKFLOW });
  const options = { set: { who: "you" }, only: ["hello"] };
  const run = runWorkflow(project.path("workflow.yaml"), options);
  const types: string[] = [];
  for await (const event of run) types.push(event.type);
  assert.deepEqual(types, [
    "run-started",
    "step-started",
    "step-log",
    "step-finished",
    "published",
    "run-finished",
  ]);
  assert.equal(await run.outcome, "done");
  assert.deepEqual(await typesOf(run), types);
  assert.equal(await project.read("out/hello/x"), "hello you\n");

  const again = runWorkflow(project.path("workflow.yaml"), options);
  assert.ok((await typesOf(again)).includes("step-reused"));
  const forced = runWorkflow(project.path("workflow.yaml"), { ...options, force: "all" });
  assert.ok((await typesOf(forced)).includes("step-finished"));
});

Deno.test("a program gives parameters by a file", async () => {
  await using project = await Project.make({
    "workflow.yaml": WORKFLOW,
    "params.yaml": "who: me\n",
  });
  const params = project.path("params.yaml");
  const run = runWorkflow(project.path("workflow.yaml"), { params, only: ["hello"] });
  assert.equal(await run.outcome, "done");
  assert.equal(await project.read("out/hello/x"), "hello me\n");
});

Deno.test("events come while the run goes on, and a signal ends it", async () => {
  await using project = await Project.make({
    "workflow.yaml": workflowOf([commandStep("long", "echo begun; sleep 60")]),
  });
  const stop = new AbortController();
  const run = runWorkflow(project.path("workflow.yaml"), { signal: stop.signal });
  for await (const event of run) if (event.type === "step-log") stop.abort();
  assert.equal(await run.outcome, "cancelled");
});

Deno.test("a workflow with mistakes throws what check prints, for who reads events and who does not", async () => {
  await using project = await Project.make({ "workflow.yaml": WORKFLOW });
  const run = runWorkflow(project.path("workflow.yaml"), { set: { who: "them" } });
  const isInWords = (error: unknown): boolean =>
    error instanceof WorkflowError && /^error\[.*"them"/s.test(error.message);
  await assert.rejects(typesOf(run), isInWords);
  await assert.rejects(run.outcome, isInWords);
  const unknown = runWorkflow(project.path("workflow.yaml"), {
    set: { who: "me" },
    only: ["helo"],
  });
  await assert.rejects(unknown.outcome, /Unknown step "helo"\n {2}hint: Did you mean "hello"/);
});

Deno.test("a program declares a plugin with the same function as a plugin's file", () => {
  const plugin = definePlugin({
    name: "mine",
    kind: "other",
    description: "",
    version: 1,
    config: z.strictObject({ times: z.int().default(2) }),
    inputs: {},
    outputs: {},
  });
  assert.equal(plugin.config.parse({}).times, 2);
});
