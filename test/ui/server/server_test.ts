// What the API answers, asked without a port.
import assert from "node:assert/strict";
import type { LoadSample } from "../../../engine/mod.ts";
import type { RunChange } from "../../../ui/views/event_stream.ts";
import type { GraphView } from "../../../ui/graph/graph_view.ts";
import type { RunSummary, RunView } from "../../../ui/views/run_view.ts";
import type { StepPage } from "../../../ui/views/step_view.ts";
import { commandStep, workflowOf } from "../../support/rig.ts";
import { messagesOf, type ServedProject, serveProject } from "../served_project.ts";

const TWO_STEPS = workflowOf([
  commandStep("first", "echo hello; printf 'a,b\\n1,2\\n' > outputs/out/table.csv"),
  commandStep("second", "cat inputs/x/table.csv > outputs/out/copy.csv", {
    inputs: "x: first.out",
  }),
]);

async function listRuns({ json }: ServedProject): Promise<readonly RunSummary[]> {
  return (await json<{ runs: readonly RunSummary[] }>("/api/runs")).runs;
}

async function stepPage(served: ServedProject, run: string, step: string): Promise<StepPage> {
  return await served.json<StepPage>(`/api/runs/${run}/steps/${step}`);
}

Deno.test("the README documents every path of the API, and no other", async () => {
  await using served = await serveProject(TWO_STEPS);
  const paths = await served.json<Record<"get" | "post", readonly string[]>>("/api");
  const words = (path: string): string =>
    path.replaceAll(/:(\w+)\+?/g, (_, name: string) => name.toUpperCase());
  const known = [
    ...paths.get.map((path) => `GET ${words(path)}`),
    ...paths.post.map((path) => `POST ${words(path)}`),
  ];
  const readme = await Deno.readTextFile(new URL("../../../ui/README.md", import.meta.url));
  const documented = [...readme.matchAll(/^\| `((?:GET|POST) [^`?]+)/gm)].map(([, path]) =>
    path?.replace("RUN,RUN", "RUNS")
  );
  assert.deepEqual([...documented].sort(), [...known].sort());
});

Deno.test("without runs the list is empty", async () => {
  await using served = await serveProject(TWO_STEPS);
  assert.deepEqual(await served.json("/api/runs"), { runs: [], more: false });
});

Deno.test("runs are listed newest first with how their steps stand", async () => {
  await using served = await serveProject(TWO_STEPS);
  await served.project.run();
  await served.project.run();
  const runs = await listRuns(served);
  assert.deepEqual(runs.map(({ counts, outcome }) => [counts, outcome]), [
    [{ reused: 2 }, "done"],
    [{ ran: 2 }, "done"],
  ]);
});

Deno.test("a run has its steps, its graph and what it was asked to do", async () => {
  await using served = await serveProject(TWO_STEPS);
  await served.project.run();
  const [{ run } = { run: "" }] = await listRuns(served);
  const view = await served.json<RunView>(`/api/runs/${run}`);
  assert.deepEqual(view.steps.map(({ name, status }) => [name, status]), [
    ["first", "ran"],
    ["second", "ran"],
  ]);
  const layout = await served.json<GraphView>(`/api/runs/${run}/graph?direction=down`);
  assert.equal(layout.direction, "down");
  assert.deepEqual(layout.edges.map(({ from, to }) => [from, to]), [["first", "second"]]);
});

Deno.test("a step tells its options, its lineage and what it made", async () => {
  await using served = await serveProject(TWO_STEPS);
  await served.project.run();
  const [{ run } = { run: "" }] = await listRuns(served);
  const first = await stepPage(served, run, "first");
  const second = await stepPage(served, run, "second");
  assert.equal(first.step.reason, "it has not run before");
  assert.deepEqual(first.options?.map(({ name, isGiven }) => [name, isGiven]).slice(0, 2), [
    ["run", true],
    ["outputs", true],
  ]);
  assert.deepEqual(first.outputs[0]?.readBy, ["second"]);
  assert.deepEqual(second.inputs, [
    { port: "x", step: "first", output: "out", tree: first.outputs[0]?.tree },
  ]);
});

Deno.test("a step that ran again tells each field that changed, with its whole values", async () => {
  const long = "x".repeat(100);
  await using served = await serveProject(
    `${workflowOf([commandStep("a", "echo ${{ params.word }} > outputs/out/x; true")])}
params: { word: ${long} }\n`,
  );
  await served.project.run();
  await served.project.run("--set", "word=short");
  await served.project.run("--set", "word=short", "--force", "a");
  const [forced, second, first] = await listRuns(served);
  assert.equal((await stepPage(served, first!.run, "a")).changes, undefined);
  const { changes } = await stepPage(served, second!.run, "a");
  assert.equal(changes?.since, first!.run);
  assert.deepEqual(changes?.changes, [{
    field: "option run",
    before: `echo ${long} > outputs/out/x; true\n`,
    after: "echo short > outputs/out/x; true\n",
  }]);
  assert.ok(changes.same > 5);
  assert.deepEqual((await stepPage(served, forced!.run, "a")).changes?.changes, []);
});

Deno.test("a run says who started it, and from where", async () => {
  await using served = await serveProject(TWO_STEPS);
  served.project.environment.set("USER", "ann");
  await served.project.run();
  served.project.environment.set("CAIRN_STARTED_FROM", "page");
  await served.project.run();
  const runs = await listRuns(served);
  assert.deepEqual(runs.map(({ startedBy }) => startedBy), [
    { user: "ann", from: "page" },
    { user: "ann", from: "program" },
  ]);
});

Deno.test("a reused step shows the artifacts and the log of the run that made them", async () => {
  await using served = await serveProject(TWO_STEPS);
  await served.project.run();
  await served.project.run();
  const [second, first] = await listRuns(served);
  const page = await stepPage(served, second!.run, "first");
  assert.equal(page.step.status, "reused");
  assert.deepEqual(page.origin, { run: first!.run, step: "first" });
  assert.ok(page.outputs[0]?.tree !== undefined);
  const log = await served.get(`/api/runs/${first!.run}/steps/first/log`);
  assert.equal(await log.text(), "hello\n");
});

Deno.test("an artifact's files are listed and sent", async () => {
  await using served = await serveProject(TWO_STEPS);
  await served.project.run();
  const [{ run } = { run: "" }] = await listRuns(served);
  const tree = (await stepPage(served, run, "first")).outputs[0]?.tree?.slice("sha256:".length);
  assert.deepEqual(await served.json(`/api/artifacts/${tree}`), {
    files: [{ path: "table.csv", sizeBytes: 8 }],
    count: 1,
    sizeBytes: 8,
  });
  const file = await served.get(`/artifacts/${tree}/table.csv`);
  assert.equal(await file.text(), "a,b\n1,2\n");
});

Deno.test("a failed step tells why, and steps after it that they were skipped", async () => {
  await using served = await serveProject(workflowOf([
    commandStep("bad", "echo no >&2; exit 3"),
    commandStep("after", "true", { inputs: "x: bad.out" }),
  ]));
  await served.project.run();
  const [{ run } = { run: "" }] = await listRuns(served);
  const { steps } = await served.json<RunView>(`/api/runs/${run}`);
  assert.deepEqual(steps.map(({ status }) => status), ["failed", "skipped"]);
  assert.match(steps[0]?.message ?? "", /exit code 3/);
  assert.deepEqual(steps[0]?.lastLines, ["no"]);
});

Deno.test("a run's stream gives all events and then ends, or goes on after the last one heard", async () => {
  await using served = await serveProject(TWO_STEPS);
  const { events } = await served.project.run();
  const [{ run } = { run: "" }] = await listRuns(served);
  const kept = events.filter(({ type }) => type !== "step-log" && type !== "step-progress");
  const whole = (await messagesOf(await served.get(`/api/runs/${run}/events`)))
    .filter(({ event }) => event !== "load");
  assert.deepEqual(whole.map(({ event }) => event), ["change", "end"]);
  assert.deepEqual((whole[0]?.data as RunChange).events, kept);
  assert.equal(whole[0]?.id, String(kept.length));
  const headers = { "last-event-id": "3" };
  const rest = await messagesOf(await served.get(`/api/runs/${run}/events?after=1`, { headers }));
  assert.deepEqual((rest[0]?.data as RunChange).events, kept.slice(3));
});

Deno.test("a log's stream gives its text and then ends, or goes on from a byte", async () => {
  await using served = await serveProject(
    workflowOf([commandStep("a", "echo one; echo two; echo x > outputs/out/x")]),
  );
  await served.project.run();
  const [{ run } = { run: "" }] = await listRuns(served);
  const path = `/api/runs/${run}/steps/a/log/events`;
  const texts = (messages: Awaited<ReturnType<typeof messagesOf>>): unknown[] =>
    messages.filter(({ event }) => event === "text").map(({ data }) => data);
  assert.deepEqual(texts(await messagesOf(await served.get(path))), ["one\ntwo\n"]);
  const headers = { "last-event-id": "4" };
  assert.deepEqual(texts(await messagesOf(await served.get(path, { headers }))), ["two\n"]);
});

Deno.test("a run that goes on streams what happens until it ends", async () => {
  await using served = await serveProject("");
  const { project } = served;
  const gate = project.path("gate");
  await new Deno.Command("mkfifo", { args: [gate] }).output();
  const script = `cat ${gate} > /dev/null; echo x > outputs/out/x`;
  await project.write("workflow.yaml", workflowOf([commandStep("slow", script)]));
  const running = project.cairn("run", "workflow.yaml");
  const summary = await started(served);
  assert.equal(summary.outcome, "running");
  const stream = messagesOf(await served.get(`/api/runs/${summary.run}/events`));
  await Deno.writeTextFile(gate, "open");
  await running;
  assert.deepEqual((await stream).at(-1), { event: "end", id: "", data: "done" });
});

/** Waits until the first run's only step runs. */
async function started(served: ServedProject): Promise<RunSummary> {
  for (;;) {
    const [run] = await listRuns(served);
    if (run?.counts.running === 1) return run;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

Deno.test("the load of the machine is told whole, and as a stream from any sample on", async () => {
  await using served = await serveProject(TWO_STEPS);
  await served.project.run();
  const [{ run } = { run: "" }] = await listRuns(served);
  const sample = (timeMs: number): LoadSample => (
    { timeMs, cpu: 0.5, memoryBytes: 1, totalBytes: 2, gpus: [] }
  );
  const lines = [1, 2, 3].map((timeMs) => `${JSON.stringify(sample(timeMs))}\n`);
  await Deno.writeTextFile(served.project.path(`.cairn/runs/${run}/load.ndjson`), lines.join(""));
  const path = `/api/runs/${run}`;
  assert.deepEqual(await served.json(`${path}/load`), { samples: [1, 2, 3].map(sample) });
  const stream = await messagesOf(await served.get(`${path}/events?load=1`));
  const { data } = stream.find(({ event }) => event === "load") ?? {};
  assert.deepEqual(data, { from: 1, samples: [2, 3].map(sample) });
});

Deno.test("a run whose process was killed is interrupted, not running", async () => {
  await using served = await serveProject(TWO_STEPS);
  await served.project.run();
  const [{ run } = { run: "" }] = await listRuns(served);
  const journal = served.project.path(`.cairn/runs/${run}/journal.ndjson`);
  const lines = (await Deno.readTextFile(journal)).split("\n");
  const dead = served.project.path(".cairn/runs/20200101-000000000-dead");
  await Deno.mkdir(dead);
  await Deno.writeTextFile(`${dead}/journal.ndjson`, `${lines[0]}\n`);
  const { outcome, steps } = await served.json<RunView>("/api/runs/20200101-000000000-dead");
  assert.equal(outcome, "interrupted");
  assert.deepEqual(steps.map(({ status }) => status), ["waiting", "waiting"]);
});

Deno.test("what does not exist is answered with words, not with a defect", async () => {
  await using served = await serveProject(TWO_STEPS);
  await served.project.run();
  const [{ run } = { run: "" }] = await listRuns(served);
  const paths = [
    "/nowhere",
    "/api/runs/20200101-000000000-none",
    `/api/runs/${run}/steps/none`,
    `/api/runs/${run}/steps/none/log`,
    `/api/artifacts/${"0".repeat(63)}`,
    "/page/none.js",
  ];
  for (const path of paths) {
    const response = await served.get(path);
    assert.equal(response.status, 404, path);
    assert.ok((await response.json()).message !== "", path);
  }
});

Deno.test("a step of a matrix is found by its name, with its log and what it takes", async () => {
  await using served = await serveProject(`steps:
  part:
    uses: command
    matrix: { path: [a/b, c] }
    with: { run: "echo \${{ matrix.path }} | tee outputs/out/x", outputs: { out: text } }
  all:
    uses: command
    inputs: { parts: part }
    with: { run: cat inputs/parts/*/x > outputs/out/x, outputs: { out: text } }
`);
  await served.project.run();
  const [{ run } = { run: "" }] = await listRuns(served);
  const name = "part[path=a%2Fb]";
  const part = await stepPage(served, run, encodeURIComponent(name));
  assert.equal(part.step.name, name);
  assert.deepEqual(part.outputs[0]?.readBy, ["all"]);
  const log = await served.get(`/api/runs/${run}/steps/${encodeURIComponent(name)}/log`);
  assert.equal(await log.text(), "a/b\n");
  const graphOf = async (query: string): Promise<GraphView> =>
    await served.json<GraphView>(`/api/runs/${run}/graph${query}`);
  const { nodes, matrices } = await graphOf("");
  assert.deepEqual(nodes.map(({ name }) => name), ["part", "all"]);
  assert.deepEqual(nodes[0]?.steps, [name, "part[path=c]"]);
  assert.deepEqual(matrices, [{ name: "part", count: 2, isOpen: false }]);
  assert.equal((await graphOf("?open=part")).nodes.length, 3);
  const all = await stepPage(served, run, "all");
  assert.deepEqual(all.inputs.map(({ step }) => step), [name, "part[path=c]"]);
  assert.ok(all.inputs.every(({ tree }) => tree !== undefined));
});
