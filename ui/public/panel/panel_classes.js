// @ts-check
/// <reference lib="dom" />
// The classes of a panel: each with an opacity of its own over the image. `visualize` writes the labels of its
// panels beside them (plugins/visualize/panels/labels.ts); older panels have none.
import { h } from "../dom.js";

/** @typedef {{ name: string, color: string, opacity: number }} PanelClass */

const FORMAT = "cairn-labels/1";
/** Channel of the labels' picture. */
const CHANNELS = { truth: 0, prediction: 1 };

/** Labels of one panel with their classes. */
export class Classes {
  /**
   * @param {PanelClass[]} classes
   * @param {Uint8ClampedArray} labels red, green, blue, opacity of each pixel
   */
  constructor(classes, labels) {
    this.classes = classes;
    this.labels = labels;
  }

  /**
   * Loads the labels of a panel whose pictures have this edge; undefined where there are none.
   * @param {{ picture: string, classes: string }} addresses
   * @param {number} edge
   */
  static async load(addresses, edge) {
    const file = await fetch(addresses.classes).then((answer) =>
      answer.ok ? answer.json() : undefined
    )
      .catch(() => undefined);
    if (file?.format !== FORMAT) return undefined;
    const picture = h("img", { src: addresses.picture, alt: "" });
    await picture.decode().catch(() => {});
    if (picture.naturalWidth !== edge || picture.naturalHeight !== edge) return undefined;
    const pen = penOf(h("canvas", { width: edge, height: edge }));
    pen?.drawImage(picture, 0, 0);
    const labels = pen?.getImageData(0, 0, edge, edge).data;
    const classes = file.classes.map((/** @type {PanelClass} */ each) => ({
      ...each,
      opacity: file.opacity,
    }));
    return labels && new Classes(classes, labels);
  }

  /**
   * Draws truth or prediction anew over the image. Pixels without a label stay as they are.
   * @param {keyof typeof CHANNELS} name
   * @param {Record<string, HTMLCanvasElement | undefined>} pictures
   */
  paint(name, pictures) {
    const [image, target] = [pictures["image"], pictures[name]];
    const pen = target && penOf(target);
    if (image === undefined || target === undefined || !pen) return;
    const { width, height } = target;
    const ground = penOf(image)?.getImageData(0, 0, width, height).data;
    const drawn = pen.getImageData(0, 0, width, height);
    const colors = this.classes.map(({ color }) => Number.parseInt(color.slice(1), 16));
    for (let at = 0; at < drawn.data.length; at += 4) {
      const label = this.labels[at + CHANNELS[name]] ?? 255;
      const color = colors[label];
      if (color === undefined || ground === undefined) continue;
      const opacity = this.classes[label]?.opacity ?? 0;
      [color >> 16, (color >> 8) & 255, color & 255].forEach((value, channel) => {
        const below = ground[at + channel] ?? 0;
        drawn.data[at + channel] = below + (value - below) * opacity;
      });
    }
    pen.putImageData(drawn, 0, 0);
  }

  /**
   * A slider for each class, and one for all.
   * @param {() => void} changed
   */
  controls(changed) {
    const ranges = this.classes.map((each) =>
      rangeOf(each.name, each.opacity, (opacity) => {
        each.opacity = opacity;
        changed();
      })
    );
    const all = rangeOf("All classes", this.classes[0]?.opacity ?? 0, (opacity) => {
      this.classes.forEach((each, at) => {
        each.opacity = opacity;
        const range = ranges[at];
        if (range !== undefined) range.value = String(100 * opacity);
      });
      changed();
    });
    return h(
      "fieldset",
      {},
      h("legend", {}, "Opacity in truth and prediction"),
      h("label", {}, h("span", {}, "All classes"), all),
      this.classes.map(({ name, color }, at) =>
        h("label", {}, h("span", {}, swatch(color), name), ranges[at])
      ),
    );
  }
}

/** @param {HTMLCanvasElement} canvas */
function penOf(canvas) {
  return canvas.getContext("2d", { willReadFrequently: true });
}

/** @param {string} color */
function swatch(color) {
  const square = h("i", { class: "swatch" });
  square.style.background = color;
  return square;
}

/**
 * @param {string} name
 * @param {number} opacity
 * @param {(opacity: number) => void} change
 */
function rangeOf(name, opacity, change) {
  return h("input", {
    type: "range",
    min: 0,
    max: 100,
    value: 100 * opacity,
    "aria-label": `Opacity of ${name}`,
    input: (/** @type {{ target: HTMLInputElement }} */ event) =>
      change(Number(event.target.value) / 100),
  });
}
