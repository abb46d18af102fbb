// Draws a confusion matrix as a heat map: each row shows where the pixels of a true class went.
import { fitLabel, type LabelStyle, labelWidth } from "../draw/label.ts";
import { box, svgDocument } from "../draw/svg.ts";
import type { Scores } from "../scores/scores.ts";

const paper = "#ffffff";
const ink = "#1d2733";
const muted = "#64707d";
const margin = 24;
const gap = 3;
const longestName = 150;

interface Layout {
  /** Edge of a cell without the gap, pixels. */
  readonly cell: number;
  /** Size of the class names. */
  readonly text: number;
  /** Corner of the first cell. */
  readonly left: number;
  readonly top: number;
  /** Column names are turned where they are wider than a cell. */
  readonly turned: boolean;
}

/** Draws scores as SVG; rows are truth, columns prediction, numbers are percent of the row. */
export function confusionChart(scores: Scores, label: LabelStyle): string {
  const names = scores.classes.map(({ name }) => name);
  const layout = layOut(names);
  const { cell, left, top } = layout;
  const edge = names.length * (cell + gap) - gap;
  const title = `Confusion matrix, ${scores.split} split`;
  const width = Math.max(left + edge, margin + labelWidth(title, 17)) + margin;
  const height = top + edge + margin + 26;
  return svgDocument({ width: Math.ceil(width), height: Math.ceil(height) }, [
    box({ x: 0, y: 0, width: Math.ceil(width), height: Math.ceil(height) }, paper),
    label({ text: title, x: margin, y: margin + 12, size: 17, color: ink, bold: true }),
    label({
      text: "predicted",
      x: left + edge / 2,
      y: margin + 44,
      size: 12,
      color: muted,
      anchor: "middle",
    }),
    label({
      text: "truth",
      x: margin + 4,
      y: top + edge / 2,
      size: 12,
      color: muted,
      anchor: "middle",
      turn: -90,
    }),
    ...names.flatMap((name, index) => axisNames(name, index, { layout, label })),
    ...scores.confusion.flatMap((row, y) => rowOfCells(row, y, { layout, label })),
    label({
      text: fitLabel("percent of the pixels of each true class", 11, width - 2 * margin),
      x: left,
      y: top + edge + 26,
      size: 11,
      color: muted,
    }),
  ]);
}

function layOut(names: readonly string[]): Layout {
  const cell = names.length <= 6 ? 84 : names.length <= 12 ? 60 : 30;
  const text = names.length <= 12 ? 13 : 10;
  const widest = Math.min(longestName, Math.max(...names.map((name) => labelWidth(name, text))));
  const turned = widest > cell;
  return {
    cell,
    text,
    left: Math.ceil(margin + 26 + widest + 10),
    top: margin + 62 + (turned ? Math.ceil(widest) : 14),
    turned,
  };
}

interface Canvas {
  readonly layout: Layout;
  readonly label: LabelStyle;
}

function axisNames(name: string, index: number, { layout, label }: Canvas): string[] {
  const { cell, text, left, top, turned } = layout;
  const shown = { text: fitLabel(name, text, longestName), size: text, color: ink };
  const middle = index * (cell + gap) + cell / 2;
  const baseline = text * 0.35;
  const column = turned
    ? label({ ...shown, x: left + middle + baseline, y: top - 10, turn: -90 })
    : label({ ...shown, x: left + middle, y: top - 10, anchor: "middle" });
  const row = label({ ...shown, x: left - 10, y: top + middle + baseline, anchor: "end" });
  return [column, row];
}

function rowOfCells(counts: readonly number[], y: number, { layout, label }: Canvas): string[] {
  const { cell, left, top } = layout;
  const total = counts.reduce((sum, count) => sum + count, 0);
  const size = cell >= 60 ? 15 : 9;
  return counts.flatMap((count, x) => {
    const share = total === 0 ? 0 : count / total;
    const place = { x: left + x * (cell + gap), y: top + y * (cell + gap) };
    const square = box({ ...place, width: cell, height: cell, radius: 4 }, shade(share));
    if (total === 0) return [square];
    const number = label({
      text: percent(share),
      x: place.x + cell / 2,
      y: place.y + cell / 2 + size * 0.35,
      size,
      color: share > 0.35 ? paper : share === 0 ? "#a9b3bd" : ink,
      anchor: "middle",
      bold: x === y,
    });
    return [square, number];
  });
}

/** One decimal only where it says something: "0", "<0.1", "7.4", "93.5", "100". */
function percent(share: number): string {
  const value = share * 100;
  if (value === 0 || value === 100) return `${value}`;
  return value < 0.1 ? "<0.1" : value.toFixed(1);
}

/** From nearly white over teal to deep blue; darker means more. */
function shade(share: number): string {
  const stops = [[238, 242, 245], [125, 181, 190], [24, 76, 110]] as const;
  const at = Math.sqrt(share) * (stops.length - 1);
  const from = Math.min(Math.floor(at), stops.length - 2);
  const mixed = stops[from]!.map((low, channel) => {
    const high = stops[from + 1]![channel]!;
    return Math.round(low + (high - low) * (at - from)).toString(16).padStart(2, "0");
  });
  return `#${mixed.join("")}`;
}
