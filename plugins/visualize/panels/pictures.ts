// The four pictures of a tile as pixels: the image, truth and prediction over it, and the errors.
import type { PredictedTile } from "../../scores/predict_tiles.ts";
import { parseColor } from "../../tiles/class_colors.ts";
import { type LandClass, NO_LABEL } from "../../tiles/manifest.ts";

/** Interleaved red, green, blue of a square [edge, edge, 3]. */
export interface Picture {
  readonly name: "image" | "truth" | "prediction" | "error";
  readonly edge: number;
  readonly rgb: Uint8Array;
}

type Color = readonly [number, number, number];

/** Marks a pixel that got a wrong class. */
export const wrongColor = "#b5179e";
/** The two greys of the hatching where there is no label. */
export const noLabelColors = ["#c9ced4", "#b3bac2"] as const;

/** Draws a tile's four pictures. */
export function drawPictures(
  { pixels, truth, prediction }: PredictedTile,
  classes: readonly LandClass[],
  options: { readonly edge: number; readonly opacity: number },
): Picture[] {
  const { edge, opacity } = options;
  const colors = classes.map(({ color }) => parseColor(color));
  const image = imageColors(pixels, edge ** 2);
  const over = (chosen: Uint8Array): Uint8Array =>
    mapPixels(edge, (at) => {
      const color = colors[chosen[at]!];
      return color === undefined ? hatching(at, edge) : mix(pixelOf(image, at), color, opacity);
    });
  const errors = mapPixels(edge, (at) => {
    if (truth[at] === NO_LABEL) return hatching(at, edge);
    return truth[at] === prediction[at] ? dimmed(pixelOf(image, at)) : wrong;
  });
  return [
    { name: "image", edge, rgb: image },
    { name: "truth", edge, rgb: over(truth) },
    { name: "prediction", edge, rgb: over(prediction) },
    { name: "error", edge, rgb: errors },
  ];
}

/** The first three bands as colours, or the first as grey where there are fewer. */
function imageColors(pixels: Uint8Array, area: number): Uint8Array {
  const bands = pixels.length / area;
  const plane = (channel: number): number => bands < 3 ? 0 : channel * area;
  const [red, green, blue] = [plane(0), plane(1), plane(2)];
  const rgb = new Uint8Array(area * 3);
  for (let at = 0; at < area; at++) {
    rgb[at * 3] = pixels[red + at]!;
    rgb[at * 3 + 1] = pixels[green + at]!;
    rgb[at * 3 + 2] = pixels[blue + at]!;
  }
  return rgb;
}

function mapPixels(edge: number, color: (at: number) => Color): Uint8Array {
  const rgb = new Uint8Array(edge ** 2 * 3);
  for (let at = 0; at < edge ** 2; at++) rgb.set(color(at), at * 3);
  return rgb;
}

function pixelOf(rgb: Uint8Array, at: number): Color {
  return [rgb[at * 3]!, rgb[at * 3 + 1]!, rgb[at * 3 + 2]!];
}

function mix(from: Color, to: Color, share: number): Color {
  const channel = (index: 0 | 1 | 2): number => from[index] + (to[index] - from[index]) * share;
  return [channel(0), channel(1), channel(2)];
}

/** Pale grey that still shows the ground. */
function dimmed([red, green, blue]: Color): Color {
  const grey = 0.3 * red + 0.59 * green + 0.11 * blue;
  return mix([grey, grey, grey], [255, 255, 255], 0.62);
}

function hatching(at: number, edge: number): Color {
  const stripe = Math.max(2, edge / 64);
  const along = (at % edge) + Math.floor(at / edge);
  return greys[Math.floor(along / stripe) % 2]!;
}

const wrong = parseColor(wrongColor);
const greys = noLabelColors.map(parseColor);
