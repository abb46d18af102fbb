// Axes of charts: round numbers to mark, the way from values to pixels, and lines.
import { escapeMarkup } from "./svg.ts";

/** Draws a path as a line. */
export function stroke(path: string, color: string, width: number, dashes = "none"): string {
  return `<path d="${path}" fill="none" stroke="${escapeMarkup(color)}" stroke-width="${width}" ` +
    `stroke-linecap="round" stroke-linejoin="round" stroke-dasharray="${dashes}"/>`;
}

/** A low and a high end. */
export type Range = readonly [number, number];

/** The way from values to pixels, rounded to tenths. */
export function scale([low, high]: Range, [from, to]: Range): (value: number) => number {
  const length = high - low || 1;
  return (value) => Math.round((from + ((value - low) / length) * (to - from)) * 10) / 10;
}

/** Round numbers, about `count` apart, that enclose low and high. */
export function niceTicks(low: number, high: number, count: number): number[] {
  const rough = Math.max(high - low, 1e-9) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((each) => each >= rough)!;
  const first = Math.floor(low / step + 1e-9);
  const last = Math.ceil(high / step - 1e-9);
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  return Array.from(
    { length: last - first + 1 },
    (_, index) => Number(((first + index) * step).toFixed(digits)),
  );
}
