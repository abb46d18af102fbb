// @ts-check
// Where the four pictures lie on a sheet that `visualize` drew (plugins/visualize/panels/sheet.ts).

const MARGIN = 20;
const GAP = 10;
const TOP = 64;

/** What the pictures show, from left to right. */
export const PICTURES = ["image", "truth", "prediction", "error"];

/**
 * Cuts a sheet into its pictures; undefined for a picture of other measures.
 * @param {number} width
 * @param {number} height
 * @returns {{ edge: number, top: number, lefts: number[] } | undefined}
 */
export function cutSheet(width, height) {
  const edge = (width - 2 * MARGIN - (PICTURES.length - 1) * GAP) / PICTURES.length;
  if (!Number.isInteger(edge) || edge < 1 || height <= TOP + edge) return undefined;
  return { edge, top: TOP, lefts: PICTURES.map((_, at) => MARGIN + at * (edge + GAP)) };
}
