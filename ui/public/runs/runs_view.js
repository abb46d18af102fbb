// @ts-check
/// <reference lib="dom" />
// All runs, newest first, as they come and go.
import { address, listen } from "../api.js";
import { deletion } from "./deletion.js";
import { fill, h } from "../dom.js";
import { badge, shareBar } from "../status.js";
import { count, duration, number, starter, timeAgo } from "../words.js";

/** @typedef {import("../../views/run_view.ts").RunSummary} RunSummary */

const MOST_SCORES = 3;
const MOST_COMPARED = 6;

/**
 * Shows the list.
 * @param {import("../dom.js").Place} place
 */
export async function showRuns({ root, signal }) {
  /** @type {Map<string, RunSummary>} */
  const runs = new Map();
  const chosen = new Choice(signal);
  const list = h("ul", { class: "runs" });
  const note = h("p", { class: "note" });
  const filter = filterField(() => draw());
  const draw = () => {
    const words = filter.value.toLowerCase().split(/\s+/);
    const shown = [...runs.values()].filter((run) =>
      words.every((word) =>
        `${run.workflow} ${run.outcome} ${run.run} ${starter(run.startedBy)}`.toLowerCase()
          .includes(word)
      )
    ).sort((a, b) => a.run < b.run ? 1 : -1);
    fill(list, shown.map((run) => runRow(run, chosen)));
    note.textContent = runs.size === 0
      ? ""
      : shown.length === 0
      ? "No run fits the filter"
      : count(shown.length, "run");
  };
  await new Promise((resolve) => {
    listen("/api/events", {
      runs: (/** @type {{ changed: RunSummary[], gone: string[] }} */ { changed, gone }) => {
        for (const run of changed) runs.set(run.run, run);
        for (const run of gone) {
          runs.delete(run);
          chosen.set(run, false);
        }
        if (runs.size === 0) fill(root, nothingYet());
        else if (!root.contains(list)) {
          fill(
            root,
            h(
              "div",
              { class: "title" },
              h("h1", {}, "Runs"),
              h("a", { href: "/start" }, "Start one…"),
              chosen.acts,
              filter,
            ),
            list,
            note,
          );
        }
        draw();
        resolve(undefined);
      },
    }, signal);
  });
}

/**
 * The field whose words runs must have; they stand in the address, too.
 * @param {() => void} changed
 */
function filterField(changed) {
  const field = h("input", {
    type: "search",
    placeholder: "workflow, state, run, who",
    "aria-label": "Filter runs",
    value: new URLSearchParams(location.search).get("filter") ?? "",
    input: () => {
      const query = field.value === "" ? "" : address`?filter=${field.value}`;
      history.replaceState(null, "", location.pathname + query);
      changed();
    },
  });
  return field;
}

function nothingYet() {
  return h(
    "section",
    { class: "empty" },
    h("h1", {}, "No runs yet"),
    h("p", {}, "Start one in a terminal; it appears here by itself:"),
    h("pre", { tabindex: 0 }, "deno task run workflows/quickstart.yaml"),
    h("p", {}, h("a", { href: "/start" }, "Or start one here…")),
  );
}

/** The runs that are chosen to be compared or deleted, kept while the list is drawn anew. */
class Choice {
  /** @type {Set<string>} */
  #runs = new Set();
  #link = h("a", { class: "go", hidden: true });
  #delete = h("span", { hidden: true });
  acts = h("span", { class: "chosen" }, this.#link, this.#delete);

  /** @param {AbortSignal} signal */
  constructor(signal) {
    fill(this.#delete, deletion(() => [...this.#runs], () => {}, signal));
  }

  /** @param {string} run */
  has(run) {
    return this.#runs.has(run);
  }

  /**
   * @param {string} run
   * @param {boolean} isChosen
   */
  set(run, isChosen) {
    if (isChosen) this.#runs.add(run);
    else this.#runs.delete(run);
    const number = this.#runs.size;
    this.#delete.hidden = number === 0;
    this.#link.hidden = number < 2 || number > MOST_COMPARED;
    this.#link.textContent = `Compare ${count(number, "run")}`;
    this.#link.href = `/compare/${[...this.#runs].sort().map(encodeURIComponent).join(",")}`;
  }
}

/**
 * @param {RunSummary} run
 * @param {Choice} chosen
 */
function runRow(run, chosen) {
  const { counts, scores, outcome } = run;
  const steps = Object.values(counts).reduce((sum, each) => sum + each, 0);
  const reused = counts.reused ?? 0;
  const row = h(
    "a",
    { class: "run", href: address`/runs/${run.run}` },
    badge(outcome),
    h("span", { class: "name" }, h("b", {}, run.workflow || "…"), h("small", {}, run.run)),
    h(
      "span",
      { class: "reuse" },
      shareBar(counts),
      h("small", {}, `${reused} of ${count(steps, "step")} reused`),
    ),
    h("span", { class: "scores" }, scores.slice(0, MOST_SCORES).map(scoreOf)),
    h(
      "span",
      { class: "when" },
      run.durationMs === undefined ? "" : duration(run.durationMs),
      h("small", {}, run.startedAtMs === 0 ? "" : timeAgo(run.startedAtMs)),
      h("small", {}, starter(run.startedBy)),
    ),
  );
  const box = h("input", {
    type: "checkbox",
    "aria-label": `Choose run ${run.run}`,
    checked: chosen.has(run.run),
    change: (/** @type {{ target: HTMLInputElement }} */ event) =>
      chosen.set(run.run, event.target.checked),
  });
  return h("li", {}, h("label", { class: "pick" }, box), row);
}

/** @param {{ name: string, value: number }} score */
function scoreOf({ name, value }) {
  return h("span", { class: "score" }, h("small", {}, name), number(value));
}
