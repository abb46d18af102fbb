// @ts-check
/// <reference lib="dom" />
// How steps and runs stand, as a mark and a word: never by colour alone.
import { h, s } from "./dom.js";

/** Every status in the order in which bars stack them. */
export const STATUSES = [
  "reused",
  "ran",
  "done",
  "running",
  "waiting",
  "skipped",
  "cancelled",
  "interrupted",
  "failed",
];

/** What decides how many steps stand as a whole: the first of these that one of them has. */
const DECISIVE = ["failed", "running", "cancelled", "waiting", "skipped", "ran", "reused"];

/**
 * How many steps stand how.
 * @param {readonly (string | undefined)[]} statuses
 * @returns {Record<string, number>}
 */
export function tally(statuses) {
  /** @type {Record<string, number>} */
  const counts = {};
  for (const status of statuses) {
    const name = status ?? "waiting";
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

/**
 * How several steps stand as a whole.
 * @param {Readonly<Record<string, number>>} counts
 */
export function stateOfAll(counts) {
  return DECISIVE.find((status) => (counts[status] ?? 0) > 0) ?? Object.keys(counts)[0] ??
    "waiting";
}

/** @type {Record<string, string>} */
const MARKS = {
  ran: "M3.5 8.4l3 3 6-6.6",
  done: "M3.5 8.4l3 3 6-6.6",
  reused: "M12.6 5.4A5.2 5.2 0 1 0 13.2 9M13 2.6v3.2H9.8",
  running: "M5.5 3.8v8.4l7-4.2z",
  waiting: "M8 2.4a5.6 5.6 0 1 0 .01 0M8 5.2v3l2 1.3",
  skipped: "M3.4 4l4.4 4-4.4 4M9 4l4.4 4L9 12",
  cancelled: "M4.5 8h7",
  interrupted: "M4.5 8h7",
  failed: "M4.4 4.4l7.2 7.2M11.6 4.4l-7.2 7.2",
};

/** For a state that this page does not know yet. */
const UNKNOWN = "M8 3.2a4.8 4.8 0 1 0 .01 0";

/**
 * A small picture of a status.
 * @param {string} status
 */
export function mark(status) {
  return s(
    "svg",
    { class: `mark ${status}`, viewBox: "0 0 16 16", width: 16, height: 16, "aria-hidden": "true" },
    s("path", { d: MARKS[status] ?? UNKNOWN }),
  );
}

/**
 * A status as a mark and its word.
 * @param {string} status
 */
export function badge(status) {
  return h("span", { class: `badge ${status}` }, mark(status), status);
}

/**
 * How many steps stand how, as one bar.
 * @param {Readonly<Record<string, number>>} counts
 */
export function shareBar(counts) {
  const known = STATUSES.filter((status) => (counts[status] ?? 0) > 0);
  const present = [...known, ...Object.keys(counts).filter((status) => !STATUSES.includes(status))];
  const words = present.map((status) => `${counts[status]} ${status}`).join(", ");
  const bar = h("span", { class: "share", role: "img", "aria-label": words, title: words });
  for (const status of present) {
    const part = h("i", { class: status });
    part.style.flexGrow = String(counts[status]);
    bar.append(part);
  }
  return bar;
}
