// The classes of a panel's pixels as data, so that others can draw them with opacities of their own.
import sharp from "sharp";
import type { LandClass } from "../../tiles/manifest.ts";

/** Truth and prediction of a tile, one label per pixel [edge, edge]. */
export interface PanelLabels {
  readonly edge: number;
  readonly truth: Uint8Array;
  readonly prediction: Uint8Array;
}

/** Folder of a figures artifact that holds labels, and the file in it that names the classes. */
export const LABELS_FOLDER = "labels";
export const CLASSES_FILE = "classes.json";

/** Encodes labels as a PNG of `edge` pixels: truth in red, prediction in green, 255 where there is none. */
export async function encodeLabels(labels: PanelLabels, edge: number): Promise<Uint8Array> {
  const { truth, prediction } = labels;
  const rgb = new Uint8Array(truth.length * 3);
  for (let at = 0; at < truth.length; at++) {
    rgb[at * 3] = truth[at]!;
    rgb[at * 3 + 1] = prediction[at]!;
  }
  const raw = { width: labels.edge, height: labels.edge, channels: 3 } as const;
  const png = await sharp(rgb, { raw }).resize(edge, edge, { kernel: "nearest" }).png().toBuffer();
  return new Uint8Array(png);
}

/** Says what labels stand for, and how much of the image the panels let through. */
export function classesFile(classes: readonly LandClass[], opacity: number): string {
  const named = classes.map(({ name, color }) => ({ name, color }));
  return `${JSON.stringify({ format: "cairn-labels/1", opacity, classes: named })}\n`;
}
