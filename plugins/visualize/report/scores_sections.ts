// The report's numbers: the summary, the table of classes and the confusion matrix.
import type { Quality } from "../../scores/class_scores.ts";
import type { Scores } from "../../scores/scores.ts";
import { Html, html } from "./html.ts";

/** The few numbers that people look for first. */
export function summarySection(scores: Scores): Html {
  const numbers = [
    ["Mean IoU", score(scores.macro.iou)],
    ["Macro F1", score(scores.macro.f1)],
    ["Pixel accuracy", percent(scores.accuracy)],
    ["Tiles", whole(scores.tiles.length)],
    ["Labelled pixels", compact(scores.pixels)],
  ] as const;
  const cards = numbers.map(([name, value]) =>
    html`
      <div>
        <dt>${name}</dt>
        <dd>${value}</dd>
      </div>
    `
  );
  return html`<dl class="numbers">${cards}</dl>`;
}

/** One row for each class, means below. */
export function classesSection(scores: Scores): Html {
  const rows = scores.classes.map((each) =>
    html`
      <tr>
        <th scope="row">${swatch(each.color)}${each.name}</th>
        ${scoreCells(each)}
        <td class="bar">${bar(each.iou)}</td>
        <td class="area">${percent(each.support / scores.pixels)}</td>
      </tr>
    `
  );
  const means = ([["Macro mean", scores.macro], ["Weighted mean", scores.weighted]] as const).map(
    ([name, mean]) =>
      html`
        <tr>
          <th scope="row">${name}</th>
          ${scoreCells(mean)}
          <td class="bar"></td>
          <td class="area"></td>
        </tr>
      `,
  );
  return html`
    <section>
      <h2>Classes</h2>
      <div class="scroll">
        <table class="scores">
          <thead>
            <tr>
              <th scope="col">Class</th>
              <th scope="col">Precision</th>
              <th scope="col">Recall</th>
              <th scope="col">F1</th>
              <th scope="col">IoU</th>
              <th class="bar"></th>
              <th scope="col" class="area">Area</th>
            </tr>
          </thead>
          <tbody>${rows}</tbody>
          <tfoot>${means}</tfoot>
        </table>
      </div>
    </section>
  `;
}

function scoreCells({ precision, recall, f1, iou }: Quality<number | null>): Html[] {
  return [precision, recall, f1, iou].map((value) => html`<td>${score(value)}</td>`);
}

/** Where the pixels of each true class went. */
export function confusionSection(scores: Scores): Html {
  const names = scores.classes.map(({ name }) => name);
  const head = names.map((name) => html`<th scope="col">${name}</th>`);
  const rows = scores.confusion.map((counts, row) => {
    const total = counts.reduce((sum, count) => sum + count, 0);
    const cells = counts.map((count, column) =>
      cell(total === 0 ? undefined : count / total, row === column)
    );
    return html`<tr><th scope="row">${names[row]}</th>${cells}</tr>`;
  });
  return html`
    <section>
      <h2>Confusion</h2>
      <div class="scroll">
        <table class="matrix">
          <thead>
            <tr><th></th>${head}</tr>
          </thead>
          <tbody>${rows}</tbody>
        </table>
      </div>
      <p class="note">
        Rows are the truth, columns the prediction; percent of the pixels of each true class.
      </p>
    </section>
  `;
}

function cell(share: number | undefined, isHit: boolean): Html {
  const shown = share ?? 0;
  const classes = [shown > 0.6 ? "high" : shown === 0 ? "none" : "", isHit ? "hit" : ""];
  const text = share === undefined ? "–" : share > 0 && share < 0.001 ? "<0.1" : tenths(share);
  return html`<td class="${classes.join(" ").trim()}" style="--share:${
    shown.toFixed(3)
  }">${text}</td>`;
}

/** A small square in a class's colour. */
export function swatch(color: string): Html {
  return html`<span class="swatch" style="background:${safeColor(color)}"></span>`;
}

function bar(value: number | null): Html | undefined {
  if (value === null) return undefined;
  return html`<i><b style="width:${(value * 100).toFixed(1)}%"></b></i>`;
}

/** A score as people compare it, a dash where there is none. */
export function score(value: number | null): string {
  return value === null ? "–" : value.toFixed(3);
}

/** A share as percent. */
export function percent(share: number): string {
  return `${tenths(share)} %`;
}

function tenths(share: number): string {
  return share === 0 || share === 1 ? `${share * 100}` : (share * 100).toFixed(1);
}

/** A count with separators. */
export function whole(count: number): string {
  return count.toLocaleString("en");
}

function compact(count: number): string {
  return Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 3 }).format(
    count,
  );
}

/** Colours of old artifacts may be any text; in a style it must be one colour. */
function safeColor(color: string): string {
  return /^#[0-9a-f]{6}$/i.test(color) ? color : "#888888";
}
