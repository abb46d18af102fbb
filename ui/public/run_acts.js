// @ts-check
/// <reference lib="dom" />
// What can be done with a run: end it while it goes on; after that do it again, or delete it.
import { address, change } from "./api.js";
import { fill, h } from "./dom.js";

/** @typedef {import("../run_view.ts").RunView} RunView */

/**
 * The buttons and links of a run as it stands.
 * @param {RunView} run
 * @param {AbortSignal} signal
 */
export function actsOf(run, signal) {
  return h(
    "span",
    { class: "act" },
    run.outcome === "running" ? cancelOf(run, signal) : [
      againOf(run),
      deleteOf(run, signal),
    ],
  );
}

/**
 * @param {RunView} run
 * @param {AbortSignal} signal
 */
function cancelOf({ run }, signal) {
  const said = h("span", { class: "note", role: "status" });
  const cancel = h("button", {
    type: "button",
    click: () =>
      change(address`/api/runs/${run}/cancel`, {}, signal).then(
        () => said.textContent = "asked to end",
        (error) => said.textContent = error.message,
      ),
  }, "Cancel");
  return [said, cancel];
}

/** @param {RunView} run */
function againOf({ run, file, outcome }) {
  const words = outcome === "done" ? "Run again…" : "Retry what did not finish…";
  return h("a", { href: address`/start?file=${file}&like=${run}` }, words);
}

/**
 * Asks once more before it deletes.
 * @param {RunView} run
 * @param {AbortSignal} signal
 */
function deleteOf({ run }, signal) {
  const place = h("span", { class: "sure", role: "group", "aria-label": "Delete this run" });
  const said = h("span", { class: "note", role: "status" });
  /** @param {string} words */
  const begin = (words) => {
    said.textContent = words;
    fill(place, said, first);
  };
  const first = h("button", { type: "button", click: () => ask() }, "Delete…");
  const ask = () => {
    const keep = h("button", { type: "button", click: () => leave() }, "Keep");
    const leave = () => {
      begin("");
      first.focus();
    };
    const really = h(
      "button",
      { type: "button", class: "danger", click: () => perform() },
      "Delete",
    );
    said.textContent = "Its record and logs go; results stay until gc collects them";
    fill(place, said, really, keep);
    keep.focus();
  };
  const perform = () =>
    change(address`/api/runs/${run}/delete`, {}, signal).then(() => {
      const link = h("a", { href: "/" }, "deleted");
      fill(place, link);
      link.click();
    }, (error) => begin(error.message));
  begin("");
  return place;
}
