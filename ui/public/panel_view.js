// @ts-check
/// <reference lib="dom" />
// A panel of `visualize` looked at closely: two of its pictures in one frame, divided by a slider.
import { fill, h } from "./dom.js";
import { cutSheet, PICTURES } from "./panel_sheet.js";

const STEPS = 100;

/**
 * Shows a panel's sheet, above it two of its pictures in one frame; other pictures as they are.
 * @param {string} address
 * @param {string} path
 */
export async function panelView(address, path) {
  const sheet = h("img", { src: address, alt: `${path}: ${PICTURES.join(", ")}` });
  await sheet.decode().catch(() => {}); // what cannot be drawn is shown as the browser shows it
  const cuts = cutSheet(sheet.naturalWidth, sheet.naturalHeight);
  return cuts === undefined
    ? sheet
    : h("div", { class: "panel" }, new Divided(sheet, cuts).element, sheet);
}

/** Two pictures of a sheet in one frame. */
class Divided {
  #left = choice("left", "truth", () => this.#draw());
  #right = choice("right", "prediction", () => this.#draw());
  #canvas = h("canvas", { role: "img" });
  #range = h("input", {
    type: "range",
    min: 0,
    max: STEPS,
    value: STEPS / 2,
    "aria-label": "Where the pictures meet",
    input: () => this.#draw(),
  });
  element;

  /**
   * @param {HTMLImageElement} sheet
   * @param {{ edge: number, top: number, lefts: number[] }} cuts
   */
  constructor(sheet, cuts) {
    this.sheet = sheet;
    this.cuts = cuts;
    this.#canvas.width = cuts.edge;
    this.#canvas.height = cuts.edge;
    const drag = (/** @type {PointerEvent} */ event) => {
      if (event.buttons === 0) return;
      const box = this.#canvas.getBoundingClientRect();
      this.#range.value = String(STEPS * (event.clientX - box.x) / box.width);
      this.#draw();
    };
    this.#canvas.addEventListener("pointerdown", (event) => {
      this.#canvas.setPointerCapture(event.pointerId);
      drag(event);
    });
    this.#canvas.addEventListener("pointermove", drag);
    this.element = h("div", { class: "divided" });
    fill(
      this.element,
      h(
        "p",
        { class: "bar" },
        h("label", {}, "Left ", this.#left),
        h("label", {}, "Right ", this.#right),
      ),
      this.#canvas,
      this.#range,
    );
    this.#draw();
  }

  #draw() {
    const { edge, top, lefts } = this.cuts;
    const at = Math.round(edge * Number(this.#range.value) / STEPS);
    const pen = this.#canvas.getContext("2d");
    if (pen === null) return;
    /**
     * @param {string} name
     * @param {number} from
     * @param {number} to
     */
    const draw = (name, from, to) => {
      const left = (lefts[PICTURES.indexOf(name)] ?? 0) + from;
      if (to > from) {
        pen.drawImage(this.sheet, left, top, to - from, edge, from, 0, to - from, edge);
      }
    };
    draw(this.#left.value, 0, at);
    draw(this.#right.value, at, edge);
    pen.fillStyle = "#ffffff";
    pen.fillRect(at - 1, 0, 2, edge);
    const words =
      `${this.#left.value} on the left ${this.#range.value} %, ${this.#right.value} on the right`;
    this.#canvas.setAttribute("aria-label", words);
    this.#range.setAttribute("aria-valuetext", words);
  }
}

/**
 * @param {string} side
 * @param {string} chosen
 * @param {() => void} change
 */
function choice(side, chosen, change) {
  return h(
    "select",
    { name: side, change },
    PICTURES.map((name) => h("option", { value: name, selected: name === chosen }, name)),
  );
}
