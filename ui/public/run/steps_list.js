// @ts-check
/// <reference lib="dom" />
// The steps of a run as a list over its time: when each waited and worked, how long, and why.
import { address } from "../api.js";
import { fill, h } from "../dom.js";
import { mark } from "../status.js";
import { duration, exactTime } from "../words.js";

/**
 * @typedef {import("../../runs/run_fold.ts").StepView} StepView
 * @typedef {{ run: string, startedAtMs: number, endedAtMs: number }} Span
 * @typedef {{ item: HTMLLIElement, show: (step: StepView, span: Span, readyAtMs: number) => void }} Row
 */

const ROWS_AT_ONCE = 200;
const TICKS = 5;
/** A tick nearer to the end would run out of the lane. */
const LAST_TICK = 0.92;

/** Steps over time. */
export class StepsList {
  #shown = ROWS_AT_ONCE;
  /** @type {Map<string, Row>} */
  #rows = new Map();
  #axis = h("div", { class: "axis", "aria-hidden": "true" });
  #list = h("ol", { class: "steps" });
  #more = h("button", { type: "button", class: "more", click: () => this.#showMore() });
  /** Place for what shares the time. */
  under = h("div", { class: "strips" });
  element = h("div", { class: "timeline" }, this.#axis, this.#list, this.#more, this.under);

  /**
   * @param {ReadonlyMap<string, StepView>} steps
   * @param {() => Span} span
   */
  constructor(steps, span) {
    this.steps = steps;
    const longest = Math.max(...[...steps.keys()].map((name) => name.length), 0);
    this.element.style.setProperty("--who", `${Math.min(longest * 0.6 + 3.5, 24)}rem`);
    this.span = span;
    this.update();
  }

  /** Shows how the steps are now. */
  update() {
    const span = this.span();
    this.#drawAxis(span);
    const steps = [...this.steps.values()];
    const rest = steps.length - this.#shown;
    this.#more.hidden = rest <= 0;
    this.#more.textContent = `Show ${Math.min(rest, ROWS_AT_ONCE)} more of ${rest}`;
    for (const step of steps.slice(0, this.#shown)) {
      const row = this.#rows.get(step.name) ?? this.#addRow(step, span.run);
      row.show(step, span, this.#readyAt(step, span));
    }
  }

  #showMore() {
    this.#shown += ROWS_AT_ONCE;
    this.update();
  }

  /**
   * When the last step before this one ended.
   * @param {StepView} step
   * @param {Span} span
   */
  #readyAt({ dependsOn }, { startedAtMs }) {
    return Math.max(startedAtMs, ...dependsOn.map((name) => this.steps.get(name)?.endedAtMs ?? 0));
  }

  /**
   * @param {StepView} step
   * @param {string} run
   */
  #addRow(step, run) {
    const row = makeRow(step, run);
    this.#rows.set(step.name, row);
    this.#list.append(row.item);
    return row;
  }

  /** @param {Span} span */
  #drawAxis({ startedAtMs, endedAtMs }) {
    const totalMs = endedAtMs - startedAtMs;
    const step = niceStep(totalMs / TICKS);
    const ticks = [];
    for (let at = 0; at <= totalMs * LAST_TICK; at += step) {
      const tick = h(
        "span",
        {},
        at === 0 ? "0" : duration(at).replace(".0 s", " s").replace(" 0 s", ""),
      );
      tick.style.left = `${100 * at / totalMs}%`;
      ticks.push(tick);
    }
    fill(this.#axis, h("div", {}, ticks));
  }
}

/**
 * @param {StepView} step
 * @param {string} run
 * @returns {Row}
 */
function makeRow(step, run) {
  const state = h("span", { class: "state" });
  const wait = h("i", { class: "wait" });
  const bar = h("i", {});
  const time = h("span", { class: "time" });
  const why = h("span", { class: "why" });
  const item = h(
    "li",
    {},
    h(
      "a",
      { href: address`/runs/${run}/steps/${step.name}` },
      h(
        "span",
        { class: "who" },
        state,
        h("b", { title: step.name }, step.name),
        !step.name.includes("[") && h("small", {}, step.plugin), // a matrix's names need the room
      ),
      h("span", { class: "lane" }, wait, bar),
      time,
      why,
    ),
  );
  let shownStatus = "";
  return {
    item,
    show(now, span, readyAtMs) {
      if (now.status !== shownStatus) {
        shownStatus = now.status;
        fill(state, mark(now.status), h("span", { class: "unseen" }, now.status));
        bar.className = `bar ${now.status}`;
        why.textContent = now.message ?? whyOf(now);
        why.title = why.textContent;
      }
      placeBars({ wait, bar }, now, { ...span, readyAtMs });
      fill(time, timeOf(now, span));
      time.title = now.startedAtMs === undefined ? "" : `started ${exactTime(now.startedAtMs)}`;
    },
  };
}

/** @param {StepView} step */
function whyOf({ status, reason }) {
  if (reason === undefined || reason === "") return status;
  return status === "reused" ? "unchanged" : reason;
}

/**
 * @param {{ wait: HTMLElement, bar: HTMLElement }} parts
 * @param {StepView} step
 * @param {Span & { readyAtMs: number }} span
 */
function placeBars({ wait, bar }, step, { startedAtMs, endedAtMs, readyAtMs }) {
  const totalMs = Math.max(1, endedAtMs - startedAtMs);
  /** @type {(element: HTMLElement, from: number, to: number) => void} */
  const place = (element, from, to) => {
    element.style.left = `${100 * (from - startedAtMs) / totalMs}%`;
    element.style.width = `${100 * Math.max(0, to - from) / totalMs}%`;
  };
  const from = step.startedAtMs ?? step.endedAtMs;
  bar.hidden = from === undefined;
  wait.hidden = step.startedAtMs === undefined;
  if (from === undefined) return;
  place(bar, from, step.endedAtMs ?? endedAtMs);
  place(wait, Math.min(readyAtMs, from), from);
}

/**
 * @param {StepView} step
 * @param {Span} span
 */
function timeOf({ status, durationMs, savedMs, startedAtMs }, { endedAtMs }) {
  if (status === "reused") return [h("small", {}, "saved "), duration(savedMs ?? 0)];
  if (status === "running" && startedAtMs !== undefined) return duration(endedAtMs - startedAtMs);
  return durationMs === undefined ? "" : duration(durationMs);
}

/**
 * The next larger of 1, 2, 5, 10, … seconds and whole minutes.
 * @param {number} ms
 */
function niceStep(ms) {
  const steps = [1, 2, 5, 10, 20, 50, 100, 200, 500].concat(
    [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 18_000, 36_000, 86_400]
      .map((seconds) => seconds * 1000),
  );
  return steps.find((step) => step >= ms) ?? Math.ceil(ms / 86_400_000) * 86_400_000;
}
