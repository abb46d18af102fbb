// Text in drawings, in two spellings: strokes that need no font (PNG) and real text (pages).
import { escapeMarkup } from "./svg.ts";
import { glyphsOf } from "./stroke_font.ts";

/** A line of text at a place. */
export interface Label {
  readonly text: string;
  /** Anchor point on the baseline, pixels. */
  readonly x: number;
  readonly y: number;
  /** Font size, pixels; capitals are 0.7 of it high. */
  readonly size: number;
  /** Any SVG paint. */
  readonly color: string;
  readonly anchor?: "start" | "middle" | "end";
  readonly bold?: boolean;
  /** Degrees clockwise around the anchor point. */
  readonly turn?: number;
}

/** Turns a label into SVG markup. */
export type LabelStyle = (label: Label) => string;

/** Grid units from one glyph to the next, the stroke included. */
const gap = 1.9;
/** Grid units per font size; see the grid in `stroke_font.ts`. */
const unitsPerSize = 10;
const capitalHeight = 7;

/** Draws a label as strokes of the built-in alphabet. */
export const strokeLabel: LabelStyle = (label) => {
  const scale = label.size / unitsPerSize;
  const shift = { start: 0, middle: -0.5, end: -1 }[label.anchor ?? "start"];
  const glyphs = glyphsOf(label.text);
  let at = (shift * labelWidth(label.text, label.size)) / scale;
  const paths = glyphs.map(({ width, path }) => {
    const markup = path === "" ? "" : `<path transform="translate(${round(at)})" d="${path}"/>`;
    at += width + gap;
    return markup;
  });
  const turn = label.turn === undefined ? "" : ` rotate(${label.turn})`;
  const transform = `translate(${round(label.x)} ${round(label.y)})${turn} ` +
    `scale(${round(scale)}) translate(0 ${-capitalHeight})`;
  return `<g transform="${transform}" fill="none" stroke="${escapeMarkup(label.color)}" ` +
    `stroke-width="${label.bold ? 1.25 : 0.85}" stroke-linecap="round" stroke-linejoin="round">` +
    `${paths.join("")}</g>`;
};

/** Writes a label as text in the page's own font. */
export const textLabel: LabelStyle = (label) => {
  const turn = label.turn === undefined
    ? ""
    : ` transform="rotate(${label.turn} ${round(label.x)} ${round(label.y)})"`;
  return `<text x="${round(label.x)}" y="${round(label.y)}" font-size="${label.size}" ` +
    `fill="${escapeMarkup(label.color)}" text-anchor="${label.anchor ?? "start"}"` +
    `${label.bold ? ' font-weight="600"' : ""}${turn}>${escapeMarkup(label.text)}</text>`;
};

/** Width of a stroked text, pixels. */
export function labelWidth(text: string, size: number): number {
  const glyphs = glyphsOf(text);
  const units = glyphs.reduce((sum, { width }) => sum + width + gap, 0) - (glyphs.length ? gap : 0);
  return (units * size) / unitsPerSize;
}

/** Shortens a text with an ellipsis until it is at most so many pixels wide. */
export function fitLabel(text: string, size: number, width: number): string {
  if (labelWidth(text, size) <= width) return text;
  const letters = [...text];
  while (letters.length > 1 && labelWidth(`${letters.join("")}…`, size) > width) letters.pop();
  return `${letters.join("").trimEnd()}…`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
