// @ts-check
/// <reference lib="dom" />
// Why a step ran, field by field: what was, and what is.
import { address } from "../api.js";
import { h } from "../dom.js";
import { count } from "../words.js";

const LONGEST_VALUE = 400;

/**
 * The fields that changed since the step's last result; nothing where that was not the reason.
 * @param {import("../../views/step_view.ts").StepPage} page
 */
export function changesOf({ step, changes: view }) {
  if (view === undefined || view.changes.length === 0) return undefined;
  const { since, changes, same } = view;
  return h(
    "div",
    { class: "changes" },
    h(
      "div",
      { class: "scroll", tabindex: 0, role: "group", "aria-label": "What changed" },
      h(
        "table",
        { class: "compared" },
        h(
          "thead",
          {},
          h("tr", {}, ["field", "before", "now"].map((name) => h("th", { scope: "col" }, name))),
        ),
        h("tbody", {}, changes.map(rowOf)),
      ),
    ),
    h(
      "p",
      { class: "note" },
      "Compared with its result of run ",
      h("a", { href: address`/runs/${since}/steps/${step.name}` }, since),
      `; ${count(same, "other field")} are the same`,
    ),
  );
}

/** @param {import("../../views/step_changes.ts").FieldChange} change */
function rowOf({ field, before, after }) {
  return h("tr", {}, h("td", {}, field), h("td", {}, valueOf(before)), h("td", {}, valueOf(after)));
}

/** @param {string | undefined} value */
function valueOf(value) {
  if (value === undefined) return "–";
  const shown = value.length > LONGEST_VALUE ? `${value.slice(0, LONGEST_VALUE)}…` : value;
  return h("code", { class: "value" }, shown);
}
