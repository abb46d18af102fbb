// @ts-check
/// <reference lib="dom" />
// Structured text as tables: JSON, lines of JSON, CSV.
import { h } from "../dom.js";
import { number } from "../words.js";

const MOST_ROWS = 200;

/**
 * Shows JSON: lists of records as tables, records as names and values, inside each other.
 * @param {any} value
 * @param {number} [depth]
 * @returns {Node}
 */
export function jsonView(value, depth = 0) {
  if (Array.isArray(value)) return listView(value, depth);
  if (typeof value === "object" && value !== null) return recordView(value, depth);
  return h("span", {}, typeof value === "number" ? number(value) : String(value));
}

/**
 * @param {any[]} list
 * @param {number} depth
 */
function listView(list, depth) {
  const isRecords = list.length > 0 &&
    list.every((item) => typeof item === "object" && item !== null && !Array.isArray(item));
  if (isRecords) return recordsTable(list, depth);
  if (list.every((item) => Array.isArray(item))) {
    return table(
      undefined,
      list.map((row) => row.map((/** @type {any} */ cell) => jsonView(cell, depth + 1))),
    );
  }
  return h(
    "span",
    {},
    list.map((item) => typeof item === "number" ? number(item) : String(item)).join(", "),
  );
}

/**
 * @param {Record<string, any>[]} records
 * @param {number} depth
 */
function recordsTable(records, depth) {
  const names = [...new Set(records.slice(0, MOST_ROWS).flatMap(Object.keys))];
  return table(
    names,
    records.map((record) =>
      names.map((name) => name in record ? jsonView(record[name], depth + 1) : "")
    ),
  );
}

/**
 * @param {Record<string, any>} record
 * @param {number} depth
 */
function recordView(record, depth) {
  return h(
    "dl",
    { class: depth === 0 ? "record" : "record inner" },
    Object.entries(record).map(([name, value]) =>
      h("div", {}, h("dt", {}, name), h("dd", {}, jsonView(value, depth + 1)))
    ),
  );
}

/**
 * A table with at most so many rows as people read.
 * @param {string[] | undefined} names
 * @param {(Node | string)[][]} rows
 */
function table(names, rows) {
  const rest = rows.length - MOST_ROWS;
  return h(
    "div",
    { class: "scroll", tabindex: 0, role: "group", "aria-label": "Table" },
    h(
      "table",
      {},
      names !== undefined &&
        h("thead", {}, h("tr", {}, names.map((name) => h("th", { scope: "col" }, name)))),
      h(
        "tbody",
        {},
        rows.slice(0, MOST_ROWS).map((row) => h("tr", {}, row.map((cell) => h("td", {}, cell)))),
      ),
    ),
    rest > 0 && h("p", { class: "note" }, `${rest} more rows; download the file to see them`),
  );
}

/**
 * Shows CSV or TSV whose first line names the columns.
 * @param {string} text
 * @param {string} separator
 */
export function csvView(text, separator) {
  const [names = [], ...rows] = parseCsv(text, separator);
  return table(names, rows);
}

/**
 * Cells of each line; quoted cells may hold separators, line breaks and doubled quotes.
 * @param {string} text
 * @param {string} separator
 * @returns {string[][]}
 */
function parseCsv(text, separator) {
  const rows = [[""]];
  let isQuoted = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? "";
    const row = rows[rows.length - 1] ?? [];
    const last = row.length - 1;
    if (isQuoted && character === '"' && text[at + 1] === '"') {
      row[last] += '"';
      at++;
    } else if (character === '"') isQuoted = !isQuoted;
    else if (!isQuoted && character === separator) row.push("");
    else if (!isQuoted && character === "\n") rows.push([""]);
    else if (isQuoted || character !== "\r") row[last] += character;
  }
  if (rows.at(-1)?.length === 1 && rows.at(-1)?.[0] === "") rows.pop();
  return rows;
}
