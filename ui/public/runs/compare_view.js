// @ts-check
/// <reference lib="dom" />
// Runs beside each other: how each went, what differs, their curves in one frame, their pictures side by side.
import { address, ask, fileAddress } from "../api.js";
import { overlay } from "../chart.js";
import { fill, h } from "../dom.js";
import { badge, shareBar } from "../status.js";
import { count, duration, number, timeAgo } from "../words.js";

/**
 * @typedef {import("../../views/compare_view.ts").Comparison} Comparison
 * @typedef {import("../../views/compare_view.ts").ComparedMetric} ComparedMetric
 * @typedef {import("../../views/run_view.ts").RunSummary} RunSummary
 */

const NOTHING = "–";

/**
 * Shows what differs between runs; their letters stand for them all over the page.
 * @param {import("../dom.js").Place} place
 */
export async function showCompare({ root, names: [runs = ""], signal }) {
  const comparison = /** @type {Comparison} */ (await ask(address`/api/compare/${runs}`, signal));
  fill(
    root,
    h("h1", {}, `${comparison.runs.length} runs compared`),
    runsTable(comparison.runs),
    differencesOf(comparison),
    scoresOf(comparison),
    curvesOf(comparison),
    picturesOf(comparison),
  );
}

/** @param {number} at */
function letter(at) {
  return h("b", { class: `letter curve${at}` }, letterOf(at));
}

/** @param {number} at */
function letterOf(at) {
  return String.fromCharCode(65 + at);
}

/** @param {readonly RunSummary[]} runs */
function runsTable(runs) {
  return table(
    "Runs",
    ["run", "workflow", "state", "started", "took", "reused"],
    runs.map((run, at) => [
      h("span", {}, letter(at), " ", h("a", { href: address`/runs/${run.run}` }, run.run)),
      run.workflow,
      badge(run.outcome),
      timeAgo(run.startedAtMs),
      run.durationMs === undefined ? "" : duration(run.durationMs),
      shareBar(run.counts),
    ]),
  );
}

/** @param {Comparison} comparison */
function differencesOf({ runs, differences, alike }) {
  const title = h("h2", {}, "What differs");
  if (differences.length === 0) {
    const words = `Nothing: ${count(alike, "field")} of the configuration are the same in all`;
    return h("section", {}, title, h("p", { class: "note" }, words));
  }
  const rows = differences.map(({ step, field, values }) => [
    step ?? "parameter",
    h("code", {}, field),
    ...values.map((value) => value === null ? NOTHING : h("code", { class: "value" }, value)),
  ]);
  return h(
    "section",
    {},
    title,
    table("What differs", ["step", "field", ...runs.map((_, at) => letter(at))], rows),
    h("p", { class: "note" }, `${count(alike, "other field")} are the same in all`),
  );
}

/** @param {Comparison} comparison */
function scoresOf({ runs, metrics }) {
  if (metrics.length === 0) return undefined;
  const rows = metrics.map(({ step, name, points }) => {
    const last = points.map((each) => each?.at(-1)?.[1]);
    return [
      step,
      name,
      ...last.map((value, at) => scoreCell(value, at === 0 ? undefined : last[0])),
    ];
  });
  return h(
    "section",
    {},
    h("h2", {}, "Scores"),
    table("Scores", ["step", "score", ...runs.map((_, at) => letter(at))], rows),
    h("p", { class: "note" }, "The last value of each, and how far it is from A's"),
  );
}

/**
 * @param {number | undefined} value
 * @param {number | undefined} first
 */
function scoreCell(value, first) {
  if (value === undefined) return NOTHING;
  const by = first === undefined ? 0 : value - first;
  const sign = by > 0 ? "+" : "−";
  return h(
    "span",
    {},
    number(value),
    by !== 0 && h("small", { class: "by" }, `${sign}${number(Math.abs(by))}`),
  );
}

/** @param {Comparison} comparison */
function curvesOf({ metrics }) {
  const curves = metrics.filter(({ points }) => points.some((each) => (each?.length ?? 0) > 1));
  if (curves.length === 0) return undefined;
  return h(
    "section",
    {},
    h("h2", {}, "Curves"),
    h("div", { class: "charts" }, curves.map(curveOf)),
  );
}

/** @param {ComparedMetric} metric */
function curveOf({ step, name, points }) {
  const lines = points.map((each, at) => ({ name: letterOf(at), points: each ?? [] }));
  return overlay(`${step}: ${name}`, lines);
}

/** @param {Comparison} comparison */
function picturesOf({ pictures, differentPictures, alikePictures }) {
  const title = h("h2", {}, "Pictures");
  const alike = `${count(alikePictures, "picture")} alike in all`;
  if (differentPictures === 0) {
    if (alikePictures === 0) return undefined;
    return h("section", {}, title, h("p", { class: "note" }, `None differ; ${alike}`));
  }
  const rest = differentPictures - pictures.length;
  return h(
    "section",
    {},
    title,
    pictures.map(pictureSet),
    h("p", { class: "note" }, rest > 0 && `${rest} more differ; `, alike),
  );
}

/** @param {import("../../views/compare_view.ts").ComparedPicture} picture */
function pictureSet({ step, port, path, trees }) {
  return h(
    "section",
    { class: "artifact" },
    h("h3", {}, path, h("small", {}, `${port} of ${step}`)),
    h("div", { class: "beside" }, trees.map((tree, at) => sideOf({ tree, path }, at))),
  );
}

/**
 * @param {{ tree: string | null, path: string }} picture
 * @param {number} at
 */
function sideOf({ tree, path }, at) {
  if (tree === null) return h("p", { class: "note" }, letter(at), " has none");
  const source = fileAddress(tree, path);
  return h(
    "a",
    { href: source, target: "_blank" },
    letter(at),
    h("img", { src: source, alt: `${path} of ${letterOf(at)}`, loading: "lazy" }),
  );
}

/**
 * @param {string} label
 * @param {(Node | string)[]} names
 * @param {(Node | string)[][]} rows
 */
function table(label, names, rows) {
  return h(
    "div",
    { class: "scroll", tabindex: 0, role: "group", "aria-label": label },
    h(
      "table",
      { class: "compared" },
      h("thead", {}, h("tr", {}, names.map((name) => h("th", { scope: "col" }, name)))),
      h("tbody", {}, rows.map((row) => h("tr", {}, row.map((cell) => h("td", {}, cell))))),
    ),
  );
}
