// What the page of a run's MLflow run says: a table of its steps, as Markdown.
import type { KnownRun } from "./known_run.ts";

/** A description has room for 8000 characters, links included. */
const longestTable = 7000;

/** Describes a run; steps that have an MLflow run of their own lead there. */
export function describeRun(
  known: KnownRun,
  pageOf: (step: string) => string | undefined,
): string {
  const { head } = known;
  if (head === undefined) return "";
  let text = `Run ${head.run} of \`${head.file}\`.\n\n| step | |\n| --- | --- |\n`;
  for (const [at, { name }] of head.steps.entries()) {
    const { status, detail } = known.ends.get(name) ?? { status: "killed", detail: "" };
    const link = pageOf(name);
    const title = link === undefined ? cell(name) : `[${cell(name)}](${link})`;
    const row = `| ${title} | ${status}${detail === "" ? "" : `: ${cell(detail)}`} |\n`;
    if (text.length + row.length > longestTable) {
      return `${text}| … | ${head.steps.length - at} more |\n`;
    }
    text += row;
  }
  return text;
}

/** Text as a cell of a table holds it. */
function cell(text: string): string {
  return text.replaceAll(/[|\r\n]+/g, " ").slice(0, 300);
}
