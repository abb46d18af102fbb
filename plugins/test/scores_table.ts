// The scores as Markdown: a table that people can paste into a report or an issue.
import type { Scores } from "../scores/scores.ts";

/** Writes the scores as Markdown. */
export function scoresTable(scores: Scores): string {
  const { macro, weighted } = scores;
  const rows = [
    ["class", "precision", "recall", "F1", "IoU", "pixels"],
    ["---", "---:", "---:", "---:", "---:", "---:"],
    ...scores.classes.map((each) => [
      plain(each.name),
      number(each.precision),
      number(each.recall),
      number(each.f1),
      number(each.iou),
      each.support.toLocaleString("en"),
    ]),
    ...([["macro average", macro], ["weighted average", weighted]] as const).map((
      [name, { precision, recall, f1, iou }],
    ) => [
      `**${name}**`,
      number(precision),
      number(recall),
      number(f1),
      number(iou),
      scores.pixels.toLocaleString("en"),
    ]),
  ];
  const table = rows.map((row) => `| ${row.join(" | ")} |`).join("\n");
  const tiles = `${scores.tiles.length} ${scores.tiles.length === 1 ? "tile" : "tiles"}`;
  return `## Scores on the ${scores.split} split\n\n` +
    `Pixel accuracy **${number(scores.accuracy)}**, mean IoU **${number(macro.iou)}**, ` +
    `${tiles}.\n\n${table}\n\n` +
    "A dash marks a class that occurs neither in truth nor in prediction; means leave it out.\n";
}

function number(value: number | null): string {
  return value === null ? "–" : value.toFixed(3);
}

/** A pipe or line end in a name would break the table. */
function plain(name: string): string {
  return name.replace(/\s+/g, " ").replaceAll("|", "\\|");
}
