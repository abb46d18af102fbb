// @ts-check
/// <reference lib="dom" />
// How somebody wants to see a run's graph: which matrices open, which way it runs. It stands in the address.
import { address, ask } from "../api.js";

/**
 * @typedef {import("../../graph/graph_view.ts").GraphView} GraphView
 * @typedef {{ open: readonly string[], direction: GraphView["direction"] }} Wish
 */

const NARROW = 640;

/** The direction that fits the screen. */
function usualDirection() {
  return innerWidth < NARROW ? "down" : "right";
}

/**
 * What the address says.
 * @returns {Wish}
 */
export function wishOfAddress() {
  const query = new URLSearchParams(location.search);
  const asked = query.get("direction");
  const direction = asked === "down" || asked === "right" ? asked : usualDirection();
  return { open: query.getAll("open"), direction };
}

/**
 * The address of this page with a wish in it.
 * @param {Wish} wish
 */
export function addressOfWish({ open, direction }) {
  const query = new URLSearchParams(open.map((name) => ["open", name]));
  if (direction !== usualDirection()) query.set("direction", direction);
  return location.pathname + (query.size === 0 ? "" : `?${query}`);
}

/**
 * Asks for a run's graph as it is wished.
 * @param {string} run
 * @param {Wish} wish
 * @param {AbortSignal} signal
 * @returns {Promise<GraphView>}
 */
export function askGraph(run, { open, direction }, signal) {
  const opened = open.map((name) => address`&open=${name}`).join("");
  return ask(address`/api/runs/${run}/graph?direction=${direction}` + opened, signal);
}
