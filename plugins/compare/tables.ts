// A ranking as text: Markdown for people, CSV for spreadsheets, JSON for programs.
import { type Measure, measured, measureWords } from "../scores/measures.ts";
import { type Contender, keysOf, type Ranking, shortName } from "./ranking.ts";

/** Writes a ranking as Markdown. */
export function markdownTable(ranking: Ranking, by: Measure): string {
  const [best] = ranking;
  const keys = keysOf(ranking);
  const rows = [
    ["", ...(keys.length === 0 ? ["model"] : keys), "mean IoU", "macro F1", "accuracy", "epoch"],
    ["---:", ...(keys.length === 0 ? ["---"] : keys.map(() => "---:")), ...Array(4).fill("---:")],
    ...ranking.map((each, index) => [
      `${index + 1}`,
      ...(keys.length === 0 ? [each.name] : keys.map((key) => `${each.values[key] ?? ""}`)),
      ...numbers(each).map((value) => value.toFixed(3)),
      `${each.card.training.bestEpoch}`,
    ]),
  ];
  const table = rows.map((row) => `| ${row.map(plain).join(" | ")} |`).join("\n");
  return `## ${ranking.length} models compared on the ${best.scores.split} split\n\n` +
    `Best by ${measureWords[by]}: **${plain(shortName(best))}** ` +
    `with ${measured(best.scores, by).toFixed(3)}.\n\n${table}\n\n` +
    `![Scores and learning curves](comparison.png)\n`;
}

/** Writes a ranking as CSV, with the IoU of every class; an empty field is a class that does not occur. */
export function csvTable(ranking: Ranking): string {
  const keys = keysOf(ranking);
  const classes = ranking[0].scores.classes.map(({ name }) => name);
  const head = [
    ...["rank", "model", ...keys, "mean-iou", "macro-f1", "accuracy", "parameters", "best-epoch"],
    ...classes.map((name) => `iou ${name}`),
  ];
  const rows = ranking.map((each, index) => [
    `${index + 1}`,
    each.name,
    ...keys.map((key) => `${each.values[key] ?? ""}`),
    ...numbers(each).map(String),
    `${each.card.training.parameters}`,
    `${each.card.training.bestEpoch}`,
    ...each.scores.classes.map(({ iou }) => `${iou ?? ""}`),
  ]);
  return [head, ...rows].map((row) => `${row.map(field).join(",")}\n`).join("");
}

/** Writes a ranking as JSON. */
export function jsonTable(ranking: Ranking, by: Measure): string {
  const [best] = ranking;
  const models = ranking.map((each) => ({
    model: each.name,
    values: each.values,
    meanIou: each.scores.macro.iou,
    macroF1: each.scores.macro.f1,
    accuracy: each.scores.accuracy,
    classes: Object.fromEntries(each.scores.classes.map(({ name, iou }) => [name, iou])),
    parameters: each.card.training.parameters,
    bestEpoch: each.card.training.bestEpoch,
  }));
  const { split } = best.scores;
  const value = { format: "cairn-comparison/1", split, by, best: best.name, models };
  return `${JSON.stringify(value, null, 2)}\n`;
}

function numbers({ scores }: Contender): readonly number[] {
  return (["mean-iou", "macro-f1", "accuracy"] as const).map((each) => measured(scores, each));
}

/** A pipe or line end would break a Markdown table. */
function plain(text: string): string {
  return text.replace(/\s+/g, " ").replaceAll("|", "\\|");
}

function field(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
