// @ts-check
/// <reference lib="dom" />
// Markdown as far as reports of steps use it: headings, lists, tables, code, emphasis. Raw HTML and links
// stay text.
import { h } from "../dom.js";

/**
 * Shows Markdown.
 * @param {string} text
 */
export function markdownView(text) {
  const blocks = text.replaceAll("\r", "").split(/\n{2,}(?=(?:[^`]|`(?!``)|```[^]*?```)*$)/);
  return h(
    "div",
    { class: "markdown" },
    blocks.filter((block) => block.trim() !== "").map(blockOf),
  );
}

/** @param {string} block */
function blockOf(block) {
  const lines = block.trim().split("\n");
  const first = lines[0] ?? "";
  const heading = /^(#{1,6}) (.*)/.exec(first);
  if (heading !== null && lines.length === 1) {
    const level = /** @type {"h3" | "h4"} */ ((heading[1] ?? "").length < 3 ? "h3" : "h4");
    return h(level, {}, inline(heading[2] ?? ""));
  }
  if (first.startsWith("```")) return h("pre", { tabindex: 0 }, lines.slice(1, -1).join("\n"));
  if (lines.every((line) => /^\s*[-*] /.test(line))) return listOf("ul", lines, /^\s*[-*] /);
  if (lines.every((line) => /^\s*\d+\. /.test(line))) return listOf("ol", lines, /^\s*\d+\. /);
  if (lines.length > 1 && /^\|?[\s:|-]+\|[\s:|-]*$/.test(lines[1] ?? "")) return tableOf(lines);
  return h("p", {}, inline(lines.join(" ")));
}

/**
 * @param {"ul" | "ol"} name
 * @param {string[]} lines
 * @param {RegExp} bullet
 */
function listOf(name, lines, bullet) {
  return h(name, {}, lines.map((line) => h("li", {}, inline(line.replace(bullet, "")))));
}

/** @param {string[]} lines */
function tableOf([names = "", , ...rows]) {
  /** @param {string} line */
  const cells = (line) =>
    line.trim().replace(/^\||\|$/g, "").split(/(?<!\\)\|/).map((cell) =>
      inline(cell.trim().replaceAll("\\|", "|"))
    );
  return h(
    "div",
    { class: "scroll", tabindex: 0 },
    h(
      "table",
      {},
      h("thead", {}, h("tr", {}, cells(names).map((cell) => h("th", { scope: "col" }, cell)))),
      h("tbody", {}, rows.map((row) => h("tr", {}, cells(row).map((cell) => h("td", {}, cell))))),
    ),
  );
}

/** @param {string} text */
function inline(text) {
  return text.split(/(`[^`]+`|\*\*[^*]+\*\*|\*[^*]+\*)/).map((part) => {
    if (/^`.+`$/.test(part)) return h("code", {}, part.slice(1, -1));
    if (/^\*\*.+\*\*$/.test(part)) return h("b", {}, part.slice(2, -2));
    if (/^\*.+\*$/.test(part)) return h("em", {}, part.slice(1, -1));
    return part;
  });
}
