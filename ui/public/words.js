// @ts-check
/// <reference lib="dom" />
// Durations, sizes, times and numbers as people read them.
import { h } from "./dom.js";

/**
 * Such as "85 ms", "4.2 s", "3 min 20 s", "2 h 5 min".
 * @param {number} ms
 */
export function duration(ms) {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 99_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/**
 * Such as "512 B", "12.3 MB".
 * @param {number} bytes
 */
export function byteSize(bytes) {
  if (bytes < 1000) return `${bytes} B`;
  const units = ["kB", "MB", "GB", "TB"];
  const power = Math.min(units.length, Math.floor(Math.log10(bytes) / 3));
  return `${(bytes / 1000 ** power).toFixed(1)} ${units[power - 1]}`;
}

/**
 * Such as "1 step", "3 steps".
 * @param {number} number
 * @param {string} noun
 */
export function count(number, noun) {
  return `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;
}

/**
 * A number with as many digits as people compare: four significant ones.
 * @param {number} value
 */
export function number(value) {
  if (!Number.isFinite(value)) return String(value);
  if (Number.isInteger(value)) return value.toLocaleString("en");
  const size = Math.abs(value);
  return size >= 1e6 || size < 1e-4 ? value.toExponential(2) : String(+value.toPrecision(4));
}

/**
 * A time as "5 min ago", exact when pointed at.
 * @param {number} ms
 */
export function timeAgo(ms) {
  const date = new Date(ms);
  return h("time", { datetime: date.toISOString(), title: exactTime(ms) }, ago(Date.now() - ms));
}

/** Says of every time on the page anew how long ago it was. */
export function refreshTimes() {
  for (const time of document.querySelectorAll("time")) {
    time.textContent = ago(Date.now() - Date.parse(time.dateTime));
  }
}

/**
 * A time to the second, in the reader's zone.
 * @param {number} ms
 */
export function exactTime(ms) {
  return new Date(ms).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "medium" });
}

/**
 * Who started a run, such as "ann, on this page"; empty where that was not told.
 * @param {import("../../engine/mod.ts").Starter | undefined} starter
 */
export function starter(starter) {
  if (starter === undefined) return "";
  const from = { terminal: "in a terminal", page: "on the page", program: "from a program" };
  return [starter.user, from[starter.from]].filter((part) => part !== undefined).join(", ");
}

/** @param {number} ms */
function ago(ms) {
  const minutes = Math.round(ms / 60_000);
  if (minutes < 1) return "just now";
  if (minutes < 60) return `${minutes} min ago`;
  const hours = Math.round(minutes / 60);
  if (hours < 24) return `${hours} h ago`;
  const days = Math.round(hours / 24);
  return days === 1 ? "yesterday" : `${days} days ago`;
}

/**
 * An option's value on one line.
 * @param {unknown} value
 */
export function spell(value) {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/**
 * Text without the characters that steer terminals.
 * @param {string} text
 */
export function plainText(text) {
  // deno-lint-ignore no-control-regex -- control characters are what is looked for
  return text.replace(/\u001b\[[0-9;?]*[A-Za-z]|[\u0000-\u0008\u000b-\u001f\u007f]/g, "");
}
