// Comparing models: who belongs to whom, who is best, and what the tables say.
import assert from "node:assert/strict";
import { type InputItem, StepError } from "../../../engine/plugin.ts";
import { rankingChart } from "../../../plugins/compare/chart.ts";
import { type Contender, partners, rank } from "../../../plugins/compare/ranking.ts";
import { csvTable, jsonTable, markdownTable } from "../../../plugins/compare/tables.ts";
import { textLabel } from "../../../plugins/draw/label.ts";
import type { ModelCard } from "../../../plugins/nn/model_artifact.ts";
import type { Scores } from "../../../plugins/scores/scores.ts";

function item(step: string, matrix: InputItem["matrix"]): InputItem {
  const label = Object.entries(matrix).map((pair) => pair.join("=")).join(",");
  return { name: `${step}[${label}]`, matrix, path: `/${step}/${label}`, type: "" };
}

function contender(
  values: InputItem["matrix"],
  iou: number,
  more: Partial<Contender> & { readonly split?: Scores["split"] } = {},
): Contender {
  const quality = { precision: iou, recall: iou, f1: 1 - iou, iou };
  const scores: Scores = {
    format: "cairn-scores/1",
    split: more.split ?? "val",
    pixels: 1,
    accuracy: 0.5,
    macro: quality,
    weighted: quality,
    classes: [{ name: "wood, dry", color: "#000000", ...quality, support: 1 }],
    confusion: [[1]],
    tiles: [],
  };
  const training = { bestEpoch: 3, parameters: 1000 };
  return {
    ...item("model", values),
    values,
    scores,
    card: { training } as ModelCard, // of the card, tables show no more
    history: undefined,
    ...more,
  };
}

Deno.test("scores belong to the model with the same values, in whatever order they come", () => {
  const models = [item("model", { rate: 0.1, base: 4 }), item("model", { rate: 0.2, base: 4 })];
  const scores = [item("test", { base: 4, rate: 0.2 }), item("test", { base: 4, rate: 0.1 })];
  assert.deepEqual(partners(models, scores, "scores").map(({ matrix }) => matrix["rate"]), [
    0.1,
    0.2,
  ]);
});

for (
  const [what, scores, message] of [
    ["a model without scores", [], /^There are no scores of "model\[rate=0\.1\]"$/],
    [
      "scores without a model",
      [item("test", { rate: 0.1 }), item("test", { rate: 0.3 })],
      /^There is no model for the scores of "test\[rate=0\.3\]"$/,
    ],
    [
      "two scores of one combination",
      [item("test", { rate: 0.1 }), item("again", { rate: 0.1 })],
      /^The scores of "test\[rate=0\.1\]" and "again\[rate=0\.1\]" belong to one combination$/,
    ],
  ] as const
) {
  Deno.test(`comparing refuses ${what}`, () => {
    assert.throws(
      () => partners([item("model", { rate: 0.1 })], scores, "scores"),
      (error: unknown) =>
        error instanceof StepError && message.test(error.message) && error.hint !== undefined,
    );
  });
}

Deno.test("scores of different splits are not compared", () => {
  const [a, b] = [contender({ rate: 1 }, 0.5), contender({ rate: 2 }, 0.6, { split: "test" })];
  assert.throws(() => rank([a, b], "mean-iou"), /scored on "val" and "model\[rate=2\]" on "test"/);
});

Deno.test("the best comes first by the score that is asked for, equals in the order of the matrix", () => {
  const all = [
    contender({ rate: 1 }, 0.5),
    contender({ rate: 2 }, 0.7),
    contender({ rate: 3 }, 0.7),
  ];
  const order = (by: "mean-iou" | "macro-f1" | "accuracy"): unknown[] =>
    rank(all, by).map(({ values }) => values["rate"]);
  assert.deepEqual(order("mean-iou"), [2, 3, 1]);
  assert.deepEqual(order("macro-f1"), [1, 2, 3]);
  assert.deepEqual(order("accuracy"), [1, 2, 3]);
});

Deno.test("tables name the values of the matrix, the scores and the best model", () => {
  const ranking = rank([contender({ rate: 1 }, 0.25), contender({ rate: 2 }, 0.75)], "mean-iou");
  assert.equal(
    csvTable(ranking),
    'rank,model,rate,mean-iou,macro-f1,accuracy,parameters,best-epoch,"iou wood, dry"\n' +
      "1,model[rate=2],2,0.75,0.25,0.5,1000,3,0.75\n" +
      "2,model[rate=1],1,0.25,0.75,0.5,1000,3,0.25\n",
  );
  const markdown = markdownTable(ranking, "mean-iou");
  assert.match(
    markdown,
    /^## 2 models compared on the val split\n\nBest by mean IoU: \*\*rate 2\*\*/,
  );
  assert.match(markdown, /^\| 2 \| 1 \| 0\.250 \| 0\.750 \| 0\.500 \| 3 \|$/m);
  const { best, models } = JSON.parse(jsonTable(ranking, "mean-iou"));
  assert.deepEqual([best, models.length, models[0].values], ["model[rate=2]", 2, { rate: 2 }]);
});

Deno.test("the chart has a bar for each model and says how many it leaves out", () => {
  const many = Array.from({ length: 30 }, (_, index) => contender({ rate: index }, index / 30));
  const chart = rankingChart(rank(many, "mean-iou"), "mean-iou", textLabel);
  assert.match(chart, /and 6 more, all lower/);
  assert.equal(chart.match(/<rect /g)?.length, 1 + 24);
  assert.doesNotMatch(chart, /by epoch/);
});
