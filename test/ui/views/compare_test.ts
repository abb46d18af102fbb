// Runs beside each other: what differs, their curves and their pictures.
import assert from "node:assert/strict";
import { compareFields, type Comparison, type Fields } from "../../../ui/views/compare_view.ts";
import type { RunSummary } from "../../../ui/views/run_view.ts";
import { commandStep, workflowOf } from "../../support/rig.ts";
import { type ServedProject, serveProject } from "../served_project.ts";

const WORKFLOW = `${
  workflowOf([
    commandStep("same", "echo always > outputs/out/always.png"),
    commandStep(
      "draw",
      "echo ${{ params.word }} > outputs/out/word.png; echo x > outputs/out/x.png",
    ),
  ])
}params: { word: hello }\n`;

async function compareTwo(served: ServedProject): Promise<Comparison> {
  await served.project.cairn("run", "workflow.yaml");
  await served.project.cairn("run", "workflow.yaml", "--set", "word=bye");
  const { runs } = await served.json<{ runs: readonly RunSummary[] }>("/api/runs");
  return await served.json(`/api/compare/${runs.map(({ run }) => run).reverse().join(",")}`);
}

const fieldsOf = (steps: Readonly<Record<string, Readonly<Record<string, string>>>>): Fields =>
  new Map(Object.entries(steps).map(([step, fields]) => [step, new Map(Object.entries(fields))]));

Deno.test("runs are compared field by field, in the order in which they were asked for", async () => {
  await using served = await serveProject(WORKFLOW);
  const { runs, differences, alike } = await compareTwo(served);
  assert.deepEqual(runs.map(({ counts }) => counts), [{ ran: 2 }, { ran: 1, reused: 1 }]);
  assert.deepEqual(differences[0], { field: "word", values: ["hello", "bye"] });
  assert.deepEqual(differences.slice(1).map(({ step, field }) => [step, field]), [["draw", "run"]]);
  assert.ok(alike > 0);
});

Deno.test("pictures of one name that are not alike stand beside each other, also reused ones", async () => {
  await using served = await serveProject(WORKFLOW);
  const { pictures, alikePictures, differentPictures } = await compareTwo(served);
  assert.deepEqual(pictures.map(({ step, port, path }) => [step, port, path]), [
    ["draw", "out", "word.png"],
  ]);
  assert.deepEqual([alikePictures, differentPictures], [2, 1]);
  const [first, second] = pictures[0]?.trees ?? [];
  const textOf = async (tree: string | null | undefined): Promise<string> =>
    await (await served.get(`/artifacts/${tree}/word.png`)).text();
  assert.deepEqual([await textOf(first), await textOf(second)], ["hello\n", "bye\n"]);
});

Deno.test("a step that a run lacks is one difference, a field that it lacks another", () => {
  const one = fieldsOf({
    "": { a: "1" },
    train: { epochs: "3", rate: "1" },
    old: { x: "1", y: "2" },
  });
  const other = fieldsOf({ "": { a: "1" }, train: { epochs: "4" } });
  assert.deepEqual(compareFields([one, other]), {
    differences: [
      { step: "train", field: "epochs", values: ["3", "4"] },
      { step: "train", field: "rate", values: ["1", null] },
      { step: "old", field: "the step", values: ["is there", null] },
    ],
    alike: 1,
  });
});

Deno.test("one run alone, the same run twice and runs that are gone are answered with words", async () => {
  await using served = await serveProject(WORKFLOW);
  const { runs } = await compareTwo(served);
  const id = runs[0]?.run ?? "";
  for (const [ids, status] of [[id, 422], [`${id},${id}`, 422], [`${id},20200101-0-none`, 404]]) {
    const response = await served.get(`/api/compare/${ids}`);
    assert.equal(response.status, status, String(ids));
    assert.ok((await response.json()).message !== "");
  }
});
