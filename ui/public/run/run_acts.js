// @ts-check
/// <reference lib="dom" />
// What can be done with a run: end it while it goes on; after that do it again, or delete it.
import { address, change } from "../api.js";
import { deletion } from "../runs/deletion.js";
import { h } from "../dom.js";

/** @typedef {import("../../views/run_view.ts").RunView} RunView */

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
      deletion(() => [run.run], leave, signal),
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

/** Goes to the list, where the run is no longer. */
function leave() {
  const link = h("a", { href: "/", hidden: true });
  document.body.append(link);
  link.click();
  link.remove();
}
