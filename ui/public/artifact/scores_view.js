// @ts-check
/// <reference lib="dom" />
// Scores looked at closely: the confusion matrix, whose cells open the worst tiles that hold the true class.
import { fill, h } from "../dom.js";
import { jsonView } from "./tables.js";
import { count, number } from "../words.js";

/**
 * @typedef {{ name: string, accuracy: number | null, meanIou: number | null }} TileScore
 * @typedef {{ classes: { name: string }[], confusion: number[][], tiles: TileScore[] }} Scores
 * @typedef {{ image: string, tiles: { name: string, histogram: number[] }[] }} Manifest
 */

const FORMAT = "cairn-scores/1";
const MOST_TILES = 12;

/**
 * Shows what `metrics.json` of a scores artifact holds; anything else as JSON.
 * @param {any} value
 * @param {{ tiles: string | undefined, signal: AbortSignal }} beside the tiles that were scored
 */
export function scoresView(value, { tiles, signal }) {
  if (value?.format !== FORMAT) return jsonView(value);
  const { confusion: _confusion, ...rest } = value;
  const opened = h("div", { "aria-live": "polite" });
  /** @param {number} row */
  const open = async (row) => {
    const answer = await fetch(`/artifacts/${tiles}/tiles.json`, { signal }).then((response) =>
      response.json()
    ).catch((error) => ({ message: String(error) }));
    if (signal.aborted) return;
    fill(
      opened,
      Array.isArray(answer.tiles)
        ? worstTiles(value, { manifest: answer, row, address: `/artifacts/${tiles}` })
        : h("p", { class: "warning" }, answer.message),
    );
  };
  return h(
    "div",
    {},
    matrix(value, tiles === undefined ? undefined : open),
    opened,
    jsonView(rest),
  );
}

/**
 * @param {Scores} scores
 * @param {((row: number) => void) | undefined} open
 */
function matrix({ classes, confusion }, open) {
  const names = classes.map(({ name }) => name);
  return h(
    "div",
    { class: "scroll", tabindex: 0, role: "group", "aria-label": "Confusion matrix" },
    h(
      "table",
      { class: "confusion" },
      h("caption", {}, "Percent of the pixels of each true class, by predicted class"),
      h(
        "thead",
        {},
        h("tr", {}, h("td", {}, "truth"), names.map((name) => h("th", { scope: "col" }, name))),
      ),
      h(
        "tbody",
        {},
        names.map((name, row) =>
          h(
            "tr",
            {},
            h("th", { scope: "row" }, name),
            names.map((predicted, column) => {
              const words = { truth: name, predicted };
              return cell(confusion[row] ?? [], column, { words, open: open && (() => open(row)) });
            }),
          )
        ),
      ),
    ),
  );
}

/**
 * @param {number[]} row
 * @param {number} column
 * @param {{ words: { truth: string, predicted: string }, open: (() => void) | undefined }} options
 */
function cell(row, column, { words, open }) {
  const pixels = row[column] ?? 0;
  const all = row.reduce((sum, each) => sum + each, 0);
  const percent = all === 0 ? 0 : 100 * pixels / all;
  const text = pixels === 0 ? "0" : percent < 0.1 ? "<0.1" : percent.toFixed(1);
  const title = `${count(pixels, "pixel")} of ${words.truth} taken for ${words.predicted}`;
  const label = `${title}, ${text} percent`;
  const place = h(
    "td",
    { title },
    open === undefined
      ? text
      : h("button", { type: "button", "aria-label": label, click: open }, text),
  );
  place.style.setProperty("--share", percent.toFixed(1));
  return place;
}

/**
 * @param {Scores} scores
 * @param {{ manifest: Manifest, row: number, address: string }} place
 */
function worstTiles({ classes, tiles }, { manifest, row, address }) {
  const name = classes[row]?.name ?? "";
  const holds = new Set(
    manifest.tiles.filter(({ histogram }) => (histogram[row] ?? 0) > 0).map((tile) => tile.name),
  );
  const worst = tiles.filter((tile) => holds.has(tile.name))
    .sort((a, b) => (a.meanIou ?? 1) - (b.meanIou ?? 1)).slice(0, MOST_TILES);
  if (worst.length === 0) return h("p", { class: "note" }, `No scored tile holds ${name}`);
  return h(
    "section",
    {},
    h("h3", {}, `Worst tiles that hold ${name}`),
    h("p", { class: "note" }, "By mean IoU over all classes; scores do not tell them by cell"),
    h(
      "div",
      { class: "worst" },
      worst.map((tile) =>
        tileOf(tile, `${address}/images/${encodeURIComponent(tile.name)}.${manifest.image}`)
      ),
    ),
  );
}

/**
 * @param {TileScore} tile
 * @param {string} source
 */
function tileOf({ name, meanIou, accuracy }, source) {
  return h(
    "a",
    { href: source, target: "_blank", title: `accuracy ${number(accuracy ?? NaN)}` },
    h("img", { src: source, alt: "" }),
    h("span", {}, name),
    h("small", {}, `mean IoU ${number(meanIou ?? NaN)}`),
  );
}
