// @ts-check
/// <reference lib="dom" />
// A step's log as it grows: follow its end, find words in it, or download all of it.
import { address, listen } from "../api.js";
import { fill, h } from "../dom.js";
import { count, plainText } from "../words.js";

const MOST_LINES = 5000;

/** The log of one step. */
export class LogView {
  /** @type {string[]} */
  #lines = [];
  #rest = "";
  #isCut = false;
  #isOver = false;
  #follow = h("input", { type: "checkbox", checked: true, change: () => this.#scroll() });
  #search = h("input", {
    type: "search",
    placeholder: "find",
    "aria-label": "Find in the log",
    input: () => this.#draw(),
  });
  #note = h("span", { class: "note", role: "status" });
  #text = h("div", {
    class: "log",
    tabindex: 0,
    role: "log",
    "aria-label": "Log",
    scroll: () => this.#scrolled(),
  });
  element;

  /**
   * @param {{ run: string, step: string }} origin
   * @param {AbortSignal} signal
   */
  constructor({ run, step }, signal) {
    const path = address`/api/runs/${run}/steps/${step}/log`;
    this.element = h(
      "section",
      {},
      h("h2", {}, "Log"),
      h(
        "div",
        { class: "bar" },
        this.#search,
        h("label", {}, this.#follow, "follow"),
        this.#note,
        h("a", { href: path, download: true }, "download"),
      ),
      this.#text,
    );
    this.#draw();
    listen(`${path}/events`, {
      start: (from) => this.#isCut ||= from > 0,
      text: (text) => this.#add(text),
      end: () => {
        this.#isOver = true;
        this.#add("");
      },
    }, signal);
  }

  /** @param {string} text */
  #add(text) {
    const lines = (this.#rest + plainText(text)).split("\n");
    this.#rest = lines.pop() ?? "";
    if (this.#lines.length === 0 && this.#isCut) lines.shift(); // begins in the middle of a line
    this.#lines.push(...lines);
    const extra = this.#lines.length - MOST_LINES;
    if (extra > 0) this.#lines.splice(0, extra);
    this.#isCut ||= extra > 0;
    if (this.#search.value !== "" || extra > 0 || this.#lines.length === lines.length) this.#draw();
    else {
      this.#text.append(...lines.map((line) => lineOf(line, "")));
      this.#tell(this.#lines.length);
      this.#scroll();
    }
  }

  #draw() {
    const wanted = this.#search.value.toLowerCase();
    const shown = this.#lines.filter((line) => line.toLowerCase().includes(wanted));
    fill(
      this.#text,
      this.#lines.length === 0
        ? h(
          "p",
          { class: "note" },
          this.#isOver ? "Nothing was written" : "Nothing was written so far",
        )
        : shown.map((line) => lineOf(line, wanted)),
    );
    this.#tell(shown.length);
    this.#scroll();
  }

  /** @param {number} shown */
  #tell(shown) {
    const lines = this.#search.value === ""
      ? count(shown, "line")
      : `${shown} of ${count(this.#lines.length, "line")}`;
    this.#note.textContent = this.#isCut ? `last ${lines}` : lines;
  }

  #scroll() {
    if (this.#follow.checked) this.#text.scrollTop = this.#text.scrollHeight;
  }

  /** Who scrolls up wants to read; who scrolls to the end wants to follow. */
  #scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.#text;
    this.#follow.checked = scrollHeight - scrollTop - clientHeight < 8;
  }
}

/**
 * @param {string} line
 * @param {string} wanted in lower case
 */
function lineOf(line, wanted) {
  const at = wanted === "" ? -1 : line.toLowerCase().indexOf(wanted);
  if (at < 0) return h("div", {}, line === "" ? " " : line);
  const end = at + wanted.length;
  return h("div", {}, line.slice(0, at), h("mark", {}, line.slice(at, end)), line.slice(end));
}
