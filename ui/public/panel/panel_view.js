// @ts-check
/// <reference lib="dom" />
// A panel of `visualize` looked at closely: two of its pictures in one frame, divided by a slider, the colours
// of their classes as strong as one wants.
import { h } from "../dom.js";
import { Classes } from "./panel_classes.js";
import { cutSheet, PICTURES } from "./panel_sheet.js";

const STEPS = 100;

/**
 * Shows a panel's sheet, above it two of its pictures in one frame; other pictures as they are.
 * @param {{ sheet: string, labels: { picture: string, classes: string } | undefined }} addresses
 * @param {string} path
 */
export async function panelView({ sheet: source, labels }, path) {
  const sheet = h("img", { src: source, alt: `${path}: ${PICTURES.join(", ")}` });
  await sheet.decode().catch(() => {}); // what cannot be drawn is shown as the browser shows it
  const cuts = cutSheet(sheet.naturalWidth, sheet.naturalHeight);
  if (cuts === undefined) return sheet;
  const pictures = PICTURES.map((_, at) => pictureOf(sheet, cuts, at));
  const classes = labels && await Classes.load(labels, cuts.edge);
  return h("div", { class: "panel" }, new Divided(pictures, classes).element, sheet);
}

/**
 * @param {HTMLImageElement} sheet
 * @param {{ edge: number, top: number, lefts: number[] }} cuts
 * @param {number} at
 */
function pictureOf(sheet, { edge, top, lefts }, at) {
  const canvas = h("canvas", { width: edge, height: edge });
  canvas.getContext("2d")?.drawImage(sheet, lefts[at] ?? 0, top, edge, edge, 0, 0, edge, edge);
  return canvas;
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
  /** @type {Record<string, HTMLCanvasElement | undefined>} */
  #pictures;
  element;

  /**
   * @param {HTMLCanvasElement[]} pictures in the order of PICTURES
   * @param {Classes | undefined} classes
   */
  constructor(pictures, classes) {
    this.#pictures = Object.fromEntries(PICTURES.map((name, at) => [name, pictures[at]]));
    this.edge = pictures[0]?.width ?? 0;
    this.#canvas.width = this.edge;
    this.#canvas.height = this.edge;
    this.#followPointer();
    const paint = () => {
      for (const name of /** @type {const} */ (["truth", "prediction"])) {
        classes?.paint(name, this.#pictures);
      }
      this.#draw();
    };
    this.element = h(
      "div",
      { class: "divided" },
      h(
        "div",
        {},
        h(
          "p",
          { class: "bar" },
          h("label", {}, "Left ", this.#left),
          h("label", {}, "Right ", this.#right),
        ),
        this.#canvas,
        this.#range,
      ),
      classes?.controls(paint),
    );
    this.#draw();
  }

  #followPointer() {
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
  }

  #draw() {
    const { edge } = this;
    const at = Math.round(edge * Number(this.#range.value) / STEPS);
    const pen = this.#canvas.getContext("2d");
    if (pen === null) return;
    /**
     * @param {string} name
     * @param {number} from
     * @param {number} to
     */
    const draw = (name, from, to) => {
      const picture = this.#pictures[name];
      if (to > from && picture !== undefined) {
        pen.drawImage(picture, from, 0, to - from, edge, from, 0, to - from, edge);
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
