// What the page can change: forecast, start, run from a step, cancel, each only with the token.
import assert from "node:assert/strict";
import type { StepForecast } from "../../../engine/mod.ts";
import type { WorkflowView } from "../../../ui/acts/workshop.ts";
import type { RunView } from "../../../ui/views/run_view.ts";
import { commandStep, eventually, workflowOf } from "../../support/rig.ts";
import { type ServedProject, serveProject, TOKEN } from "../served_project.ts";

const WORKFLOW = `${
  workflowOf([
    commandStep("first", "echo ${{ params.word }} > outputs/out/x"),
    commandStep("second", "cp inputs/x/x outputs/out/x", { inputs: "x: first.out" }),
  ])
}params: { word: hello }\n`;

interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

async function post(
  { get }: ServedProject,
  path: string,
  options: { readonly body?: unknown; readonly token?: string } = {},
): Promise<Answer> {
  const headers = { "x-cairn-token": options.token ?? TOKEN };
  const body = JSON.stringify(options.body ?? {});
  const response = await get(path, { method: "POST", headers, body });
  return { status: response.status, body: await response.json() };
}

async function statuses({ json }: ServedProject, run: unknown): Promise<readonly string[]> {
  const { steps } = await json<RunView>(`/api/runs/${run}`);
  return steps.map(({ status }) => status);
}

async function fates(served: ServedProject, body: unknown): Promise<readonly string[]> {
  const { body: { steps } } = await post(served, "/api/forecast", { body });
  return (steps as readonly StepForecast[]).map(({ fate }) => fate);
}

Deno.test("nothing is changed without the token", async () => {
  await using served = await serveProject(WORKFLOW);
  for (const token of ["", "b".repeat(48), TOKEN.slice(1)]) {
    for (const path of ["/api/runs", "/api/forecast", "/api/runs/x/cancel", "/api/runs/x/delete"]) {
      const body = { file: "workflow.yaml" };
      assert.equal((await post(served, path, { body, token })).status, 403);
    }
  }
  assert.deepEqual(served.project.files(".cairn/runs"), []);
});

Deno.test("a workflow is described, forecast, started and started anew from a step", async () => {
  await using served = await serveProject(WORKFLOW);
  const file = "workflow.yaml";
  assert.deepEqual(await served.json("/api/workflows"), { files: [file] });
  assert.deepEqual(await served.json(`/api/workflows/${file}`), {
    file,
    name: "test",
    description: "",
    params: [{ name: "word", type: "string", description: "", default: "hello" }],
    steps: ["first", "second"],
  });
  assert.deepEqual(await fates(served, { file }), ["runs", "unsure"]);
  const first = await post(served, "/api/runs", { body: { file } });
  assert.equal(first.status, 201);
  assert.deepEqual(await statuses(served, first.body.run), ["ran", "ran"]);
  assert.deepEqual(await fates(served, { file, from: "second" }), ["reused", "runs"]);
  const anew = await post(served, "/api/runs", { body: { file, from: "second" } });
  assert.deepEqual(await statuses(served, anew.body.run), ["reused", "ran"]);
  const other = await post(served, "/api/runs", { body: { file, set: { word: "bye" } } });
  assert.deepEqual(await statuses(served, other.body.run), ["ran", "ran"]);
});

Deno.test("a form knows types, choices and limits of parameters, and asks for what must be given", async () => {
  await using served = await serveProject(`params:
  data: { type: string, description: where the images lie }
  size: { type: int, default: 8, min: 2, max: 64 }
  mode: { type: string, default: fast, choices: [fast, slow] }
${workflowOf([commandStep("first", "echo ${{ params.data }} > outputs/out/x")])}`);
  const file = "workflow.yaml";
  const { params, steps } = await served.json<WorkflowView>(`/api/workflows/${file}`);
  assert.deepEqual(params, [
    { name: "data", type: "string", description: "where the images lie" },
    { name: "size", type: "int", description: "", min: 2, max: 64, default: 8 },
    { name: "mode", type: "string", description: "", choices: ["fast", "slow"], default: "fast" },
  ]);
  assert.deepEqual(steps, ["first"]);
  const without = await post(served, "/api/forecast", { body: { file } });
  assert.match(String(without.body.message), /Parameter "data" has no value/);
  assert.deepEqual(await fates(served, { file, set: { data: "here" } }), ["runs"]);
});

Deno.test("a wish that cannot be fulfilled is answered in the words of the command line", async () => {
  await using served = await serveProject(WORKFLOW);
  const ask = async (body: unknown): Promise<string> => {
    const answer = await post(served, "/api/runs", { body });
    assert.equal(answer.status, 422);
    return String(answer.body.message);
  };
  const file = "workflow.yaml";
  assert.match(await ask({ file, set: { wrod: "x" } }), /wrod[^]*Did you mean "word"/);
  assert.match(await ask({ file, from: "third" }), /third/);
  assert.match(await ask({ file: "/etc/passwd" }), /none of this project's workflows/);
  assert.match(await ask({ file: "--force=all" }), /none of this project's workflows/);
  assert.match(await ask({ file, set: { word: 1 } }), /not the description of a run/);
  assert.match(await ask([]), /not the description of a run/);
});

Deno.test("a run is deleted once it is over, and then nowhere to be found", async () => {
  await using served = await serveProject(WORKFLOW);
  const { body: { run } } = await post(served, "/api/runs", { body: { file: "workflow.yaml" } });
  assert.equal((await served.get(`/api/runs/${run}`)).status, 200);
  assert.equal((await post(served, `/api/runs/${run}/delete`)).status, 200);
  assert.equal((await served.get(`/api/runs/${run}`)).status, 404);
  assert.deepEqual(await served.json("/api/runs"), { runs: [], more: false });
  assert.equal((await post(served, `/api/runs/${run}/delete`)).status, 404);
  assert.equal((await post(served, "/api/runs/..%2fregistry/delete")).status, 404);
  assert.deepEqual(await fates(served, { file: "workflow.yaml" }), ["reused", "reused"]);
});

Deno.test("a run of any process is cancelled", async () => {
  await using served = await serveProject("");
  const { project } = served;
  const script = `touch ${project.path("begun")}; sleep 60`;
  await project.write("workflow.yaml", workflowOf([commandStep("long", script)]));
  const running = project.cairn("run", "workflow.yaml");
  await eventually("the step to begin", async () => {
    return await Deno.stat(project.path("begun")).catch(() => undefined);
  });
  const { runs } = await served.json<{ runs: readonly RunView[] }>("/api/runs");
  const path = `/api/runs/${runs[0]?.run}/cancel`;
  const early = await post(served, `/api/runs/${runs[0]?.run}/delete`);
  assert.equal(early.status, 422);
  assert.match(String(early.body.message), /goes on/);
  assert.equal((await post(served, path)).status, 202);
  assert.equal((await running).code, 130);
  assert.deepEqual(await statuses(served, runs[0]?.run), ["cancelled"]);
  assert.equal((await post(served, path)).status, 422, "it is over");
});
