// @ts-check
/// <reference lib="dom" />
// How busy the machine was while a run went on, under its steps and over the same time.
import { fill, h, s } from "../dom.js";
import { byteSize, exactTime } from "../words.js";

/**
 * @typedef {import("../../../engine/mod.ts").LoadSample} LoadSample
 * @typedef {import("./steps_list.js").Span} Span
 * @typedef {{ name: string, detail: string, note?: string, valueOf: (sample: LoadSample) => number | undefined, words: (value: number) => string }} Strip
 */

const WIDTH = 1000;
const HEIGHT = 26;

/** The strips of a run. */
export class LoadStrips {
  /** @type {Map<string, StripRow>} */
  #rows = new Map();

  /** @param {HTMLElement} place */
  constructor(place) {
    this.place = place;
  }

  /**
   * Shows what was sampled until now; nothing where nothing was.
   * @param {readonly LoadSample[]} samples
   * @param {Span} span
   */
  update(samples, span) {
    const strips = samples.length === 0 ? [] : stripsOf(samples);
    for (const strip of strips) {
      const known = this.#rows.get(strip.name);
      const row = known ?? new StripRow(strip);
      row.update(strip, samples, span);
      if (known !== undefined) continue;
      this.#rows.set(strip.name, row);
      this.place.append(row.element);
    }
  }
}

/**
 * @param {readonly LoadSample[]} samples
 * @returns {Strip[]}
 */
function stripsOf(samples) {
  const last = samples.at(-1);
  const gpus = samples.findLast((sample) => sample.gpus.length > 0)?.gpus ?? [];
  const percent = (/** @type {number} */ value) => `${Math.round(100 * value)} %`;
  const total = last?.totalBytes ?? 0;
  return [
    {
      name: "CPU",
      detail: "all processors",
      note: "the whole machine, all programs",
      valueOf: ({ cpu }) => cpu,
      words: percent,
    },
    {
      name: "Memory",
      detail: `of ${byteSize(total)}`,
      valueOf: ({ memoryBytes, totalBytes }) => memoryBytes / totalBytes,
      words: (value) => byteSize(Math.round(value * total)),
    },
    ...gpus.flatMap(({ id, totalBytes }) => {
      const gpuOf = (/** @type {LoadSample} */ sample) => sample.gpus.find((gpu) => gpu.id === id);
      return /** @type {Strip[]} */ ([
        {
          name: `GPU ${id}`,
          detail: "in use",
          valueOf: (sample) => gpuOf(sample)?.use,
          words: percent,
        },
        {
          name: `GPU ${id} memory`,
          detail: `of ${byteSize(totalBytes)}`,
          valueOf: (sample) => {
            const gpu = gpuOf(sample);
            return gpu && gpu.memoryBytes / gpu.totalBytes;
          },
          words: (value) => byteSize(Math.round(value * totalBytes)),
        },
      ]);
    }),
  ];
}

/** One strip: its name, its area over time, its highest value or that under the pointer. */
class StripRow {
  #area = s("path");
  #picture = s(
    "svg",
    { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img" },
    this.#area,
  );
  #said = h("span", { class: "time" });
  #detail = h("small");
  /** @type {{ x: number, at: number, value: number }[]} */
  #points = [];
  /** @type {Strip} */
  #strip;
  element;

  /** @param {Strip} strip */
  constructor(strip) {
    this.#strip = strip;
    this.element = h(
      "div",
      { class: "strip" },
      h("span", { class: "who" }, h("b", {}, strip.name), this.#detail),
      this.#picture,
      this.#said,
      h("span", { class: "why" }, strip.note),
    );
    this.#picture.addEventListener("pointermove", (event) => this.#point(event));
    this.#picture.addEventListener("pointerleave", () => this.#tellHighest());
  }

  /**
   * @param {Strip} strip
   * @param {readonly LoadSample[]} samples
   * @param {Span} span
   */
  update(strip, samples, { startedAtMs, endedAtMs }) {
    this.#strip = strip;
    this.#detail.textContent = strip.detail;
    this.#points = samples.flatMap((sample) => {
      const value = strip.valueOf(sample);
      const x = WIDTH * (sample.timeMs - startedAtMs) / (endedAtMs - startedAtMs);
      return value === undefined ? [] : [{ x: Math.min(WIDTH, x), at: sample.timeMs, value }];
    });
    this.#area.setAttribute("d", areaOf(this.#points));
    this.#tellHighest();
  }

  #tellHighest() {
    const highest = this.#points.reduce((most, { value }) => Math.max(most, value), 0);
    const mean = this.#points.reduce((sum, { value }) => sum + value, 0) / this.#points.length;
    const { name, words } = this.#strip;
    fill(this.#said, h("small", {}, "max "), words(highest));
    const label = `${name}: on average ${words(mean)}, at most ${words(highest)}`;
    this.#picture.setAttribute("aria-label", label);
  }

  /** @param {PointerEvent} event */
  #point(event) {
    const box = this.#picture.getBoundingClientRect();
    const x = WIDTH * (event.clientX - box.x) / box.width;
    const nearest = this.#points.reduce((best, point) =>
      Math.abs(point.x - x) < Math.abs(best.x - x) ? point : best
    );
    this.#said.textContent = this.#strip.words(nearest.value);
    this.#said.title = exactTime(nearest.at);
  }
}

/** @param {readonly { x: number, value: number }[]} points */
function areaOf(points) {
  const [first] = points;
  const last = points.at(-1);
  if (first === undefined || last === undefined) return "";
  const y = (/** @type {number} */ value) => (HEIGHT * (1 - value)).toFixed(1);
  // What the first sample tells began before it.
  const start = points.length === 1 ? 0 : Math.max(0, 2 * first.x - (points[1]?.x ?? first.x));
  const line = points.map(({ x, value }) => `L${x.toFixed(1)} ${y(value)}`).join("");
  return `M${start.toFixed(1)} ${HEIGHT}V${y(first.value)}${line}V${HEIGHT}Z`;
}
