// @ts-check
/// <reference lib="dom" />
// The outputs of a step: who reads each, and its files.
import { address } from "../api.js";
import { artifactView } from "../artifact/artifact_view.js";
import { fill, h } from "../dom.js";

/** @typedef {import("../../views/step_view.ts").StepPage} StepPage */

/**
 * Draws each output with its files and the steps that read it.
 * @param {HTMLElement} place
 * @param {StepPage} page
 * @param {AbortSignal} signal
 */
export async function drawOutputs(place, { run, step, inputs, outputs }, signal) {
  if (outputs.length === 0) return;
  const tiles = hexOf(inputs.find(({ port }) => port === "tiles")?.tree);
  const parts = await Promise.all(outputs.map(async ({ port, type = "", tree: digest, readBy }) => {
    const tree = hexOf(digest);
    const files = tree === undefined
      ? h("p", { class: "note" }, step.endedAtMs === undefined ? "Not made yet" : "Not made")
      : await artifactView({ tree, name: `${step.name}-${port}`, port, type, tiles, signal }).catch(
        (
          error,
        ) => h("p", { class: "warning" }, error.message),
      );
    return h(
      "section",
      { class: "artifact", id: port },
      h("h3", {}, port, type !== "" && h("small", {}, type)),
      readBy.length > 0 && h("p", { class: "note" }, "read by ", stepLinks(run, readBy)),
      files,
    );
  }));
  fill(place, h("h2", {}, "Outputs"), parts);
}

/** @param {string | undefined} digest */
function hexOf(digest) {
  return digest?.slice("sha256:".length);
}

/**
 * @param {string} run
 * @param {readonly string[]} names
 */
function stepLinks(run, names) {
  return names.flatMap((name, at) => [
    at > 0 && ", ",
    h("a", { href: address`/runs/${run}/steps/${name}` }, name),
  ]);
}
