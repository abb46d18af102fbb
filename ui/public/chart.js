// @ts-check
/// <reference lib="dom" />
// Curves over epochs or steps; a curve and its "val-" partner share a chart, and so do all named "group/member".
import { h, s } from "./dom.js";
import { number } from "./words.js";

/** @typedef {import("../runs/run_fold.ts").MetricView} MetricView */
/** @typedef {{ x: (at: number) => number, y: (value: number) => number }} Scales */

const WIDTH = 520;
const HEIGHT = 230;
const FRAME = { left: 52, right: 14, top: 14, bottom: 28 };
const PARTNER = "val-";
const MEMBER = "/";
/** So many curves have a colour of their own; further ones have the same again in dashes. */
const COLOURS = 8;

/**
 * Charts of curves; a curve of one point is told as a number.
 * @param {readonly MetricView[]} metrics
 */
export function charts(metrics) {
  /** @type {Map<string, MetricView[]>} */
  const groups = new Map();
  for (const metric of metrics) {
    const key = frameOf(metric.name, metrics);
    groups.set(key, [...groups.get(key) ?? [], metric]);
  }
  const all = [...groups];
  const single = all.flatMap(([, group]) =>
    group.every(({ points }) => points.length === 1) ? group : []
  );
  const curves = all.filter(([, group]) => group.some(({ points }) => points.length > 1));
  return [
    single.length > 0 && h(
      "dl",
      { class: "numbers" },
      single.map(({ name, points }) =>
        h("div", {}, h("dt", {}, name), h("dd", {}, number(points[0]?.[1] ?? NaN)))
      ),
    ),
    curves.length > 0 && h(
      "div",
      { class: "charts" },
      curves.map(([key, group]) =>
        key.endsWith(MEMBER) ? chartOfMembers(key, group) : chart(group)
      ),
    ),
  ];
}

/**
 * What the curves of one frame have in common.
 * @param {string} name
 * @param {readonly MetricView[]} metrics
 */
function frameOf(name, metrics) {
  const end = name.indexOf(MEMBER, 1);
  if (end > 0) return name.slice(0, end + 1);
  const partner = name.startsWith(PARTNER) ? name.slice(PARTNER.length) : name;
  return metrics.some((other) => other.name === partner) ? partner : name;
}

/**
 * @param {string} key
 * @param {MetricView[]} group
 */
function chartOfMembers(key, group) {
  const lines = group.map(({ name, points }) => ({ name: name.slice(key.length), points }));
  const figure = chart(lines, key.slice(0, -MEMBER.length));
  figure.className = "wide";
  return figure;
}

/**
 * One frame with a title for the same curve of several runs.
 * @param {string} title
 * @param {MetricView[]} lines
 */
export function overlay(title, lines) {
  return chart(lines, title);
}

/**
 * @param {MetricView[]} group
 * @param {string} [title]
 */
function chart(group, title) {
  const points = group.flatMap(({ points }) => points)
    .filter(([, value]) => Number.isFinite(value));
  const x = extent(points.map(([at]) => at));
  const y = nice(extent(points.map(([, value]) => value)));
  const scales = {
    x: scale(x, [FRAME.left, WIDTH - FRAME.right]),
    y: scale(y, [HEIGHT - FRAME.bottom, FRAME.top]),
  };
  const readout = h("span", { class: "readout" });
  const cursor = s("line", {
    class: "cursor",
    y1: FRAME.top,
    y2: HEIGHT - FRAME.bottom,
    x1: -9,
    x2: -9,
  });
  const words = group.map(({ name, points }) => `${name} ${number(points.at(-1)?.[1] ?? NaN)}`);
  const drawing = s(
    "svg",
    {
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      role: "img",
      "aria-label": `${title ?? "Curves"}, at the end ${words.join(", ")}`,
    },
    grid(y, scales.y),
    axis(x, scales.x),
    group.map((metric, at) => curve(metric, at, scales)),
    cursor,
  );
  /** @param {number | undefined} at */
  const point = (at) => {
    const place = at === undefined ? -9 : scales.x(at);
    cursor.setAttribute("x1", String(place));
    cursor.setAttribute("x2", String(place));
    readout.textContent = at === undefined ? "" : `at ${number(at)}`;
    values.forEach((value, index) => value.textContent = valueAt(group[index], at));
  };
  const values = group.map((metric) => h("b", {}, valueAt(metric, undefined)));
  drawing.addEventListener("pointermove", (event) => point(nearest(group, drawing, event, scales)));
  drawing.addEventListener("pointerleave", () => point(undefined));
  const legend = group.map(({ name }, at) =>
    h("span", { class: `key ${lookOf(at)}` }, name, " ", values[at])
  );
  return h(
    "figure",
    {},
    h(
      "figcaption",
      {},
      title !== undefined && h("span", { class: "subject" }, title),
      legend,
      readout,
    ),
    drawing,
  );
}

/** @param {number} at */
function lookOf(at) {
  return `curve${at % COLOURS}${at < COLOURS ? "" : " dashed"}`;
}

/**
 * The value at a place, the last one by default.
 * @param {MetricView | undefined} metric
 * @param {number | undefined} at
 */
function valueAt(metric, at) {
  const points = metric?.points ?? [];
  const point = at === undefined ? points.at(-1) : points.find((point) => point[0] === at);
  return point === undefined ? "" : number(point[1]);
}

/**
 * @param {MetricView[]} group
 * @param {SVGSVGElement} drawing
 * @param {PointerEvent} event
 * @param {Scales} scales
 */
function nearest(group, drawing, event, scales) {
  const box = drawing.getBoundingClientRect();
  const x = (event.clientX - box.x) * WIDTH / box.width;
  const places = group.flatMap(({ points }) => points.map(([at]) => at));
  /** @param {number} at */
  const distance = (at) => Math.abs(scales.x(at) - x);
  return places.reduce((best, at) => distance(at) < distance(best) ? at : best, places[0] ?? 0);
}

/**
 * @param {MetricView} metric
 * @param {number} at
 * @param {Scales} scales
 */
function curve({ points }, at, { x, y }) {
  const drawn = points.filter(([, value]) => Number.isFinite(value));
  const line = drawn.map(([at, value], index) =>
    `${index === 0 ? "M" : "L"}${x(at).toFixed(1)} ${y(value).toFixed(1)}`
  );
  const last = drawn.at(-1);
  return s(
    "g",
    { class: lookOf(at) },
    s("path", { d: line.join("") }),
    last !== undefined && s("circle", { cx: x(last[0]), cy: y(last[1]), r: 3 }),
  );
}

/**
 * @param {[number, number]} range
 * @param {(value: number) => number} y
 */
function grid([low, high], y) {
  return [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const value = low + (high - low) * share;
    return s(
      "g",
      { class: "grid" },
      s("line", { x1: FRAME.left, x2: WIDTH - FRAME.right, y1: y(value), y2: y(value) }),
      s(
        "text",
        { x: FRAME.left - 8, y: y(value) + 4, "text-anchor": "end" },
        tick(value),
      ),
    );
  });
}

/**
 * A number that the frame has room for.
 * @param {number} value
 */
function tick(value) {
  const size = Math.abs(value);
  const isPlain = value === 0 || size >= 0.01 && size < 1e5;
  return isPlain ? number(+value.toPrecision(3)) : (+value.toPrecision(3)).toExponential();
}

/**
 * @param {[number, number]} range
 * @param {(at: number) => number} x
 */
function axis([low, high], x) {
  const step = Math.max(1, Math.ceil((high - low) / 8));
  const ticks = [];
  for (let at = low; at <= high; at += step) {
    ticks.push(s("text", { x: x(at), y: HEIGHT - 8, "text-anchor": "middle" }, number(at)));
  }
  return s("g", { class: "grid" }, ticks);
}

/**
 * @param {number[]} values
 * @returns {[number, number]}
 */
function extent(values) {
  return [
    values.reduce((low, value) => Math.min(low, value), Infinity),
    values.reduce((high, value) => Math.max(high, value), -Infinity),
  ];
}

/**
 * A range with round ends around another.
 * @param {[number, number]} range
 * @returns {[number, number]}
 */
function nice([low, high]) {
  const size = high - low || Math.abs(high) || 1;
  const step = 10 ** Math.floor(Math.log10(size)) / 2;
  return [Math.floor(low / step) * step, Math.ceil(high / step) * step || step];
}

/**
 * @param {[number, number]} from
 * @param {[number, number]} to
 */
function scale([low, high], [start, end]) {
  /** @param {number} value */
  return (value) =>
    high === low ? (start + end) / 2 : start + (end - start) * (value - low) / (high - low);
}
