// A ranking as a picture: a bar for the score of each model, and beside them how they learned.
import { niceTicks, scale, stroke } from "../draw/axes.ts";
import { fitLabel, type LabelStyle, labelWidth } from "../draw/label.ts";
import { box, svgDocument } from "../draw/svg.ts";
import { type Measure, measured, measureWords } from "../scores/measures.ts";
import { type Contender, type Ranking, shortName } from "./ranking.ts";

const ink = "#1d2733";
const muted = "#64707d";
const grid = "#e3e7ec";
const winner = "#1f7a8c";
const other = "#b8c4cc";

/** More bars than that say nothing. */
const MOST_BARS = 24;
const row = 26;
const top = 64;
const longestName = 240;
const barsLength = 260;
const curvesWidth = 440;
const margin = 24;

interface Layout {
  readonly shown: readonly Contender[];
  readonly left: number;
  readonly bottom: number;
  /** Where the curves begin; the picture's end where there are none. */
  readonly middle: number;
  readonly width: number;
  readonly height: number;
}

/** Draws a ranking as SVG for a white background. */
export function rankingChart(ranking: Ranking, by: Measure, label: LabelStyle): string {
  const layout = layOut(ranking);
  const { width, height } = layout;
  return svgDocument({ width, height }, [
    box({ x: 0, y: 0, width, height }, "#ffffff"),
    ...bars(ranking, by, { layout, label }),
    ...(layout.middle === width ? [] : curves(ranking, { layout, label })),
  ]);
}

function layOut(ranking: Ranking): Layout {
  const shown = ranking.slice(0, MOST_BARS);
  const names = shown.map((each) => labelWidth(shortName(each), 13));
  const left = Math.ceil(margin + Math.min(longestName, Math.max(...names)) + 12);
  const middle = left + barsLength + 64 + margin;
  const hasCurves = ranking.some(({ history }) => (history?.epochs.length ?? 0) > 1);
  const rows = Math.max(shown.length, hasCurves ? 7 : 0);
  const bottom = top + rows * row;
  return {
    shown,
    left,
    bottom,
    middle,
    width: middle + (hasCurves ? curvesWidth : 0),
    height: bottom + 52,
  };
}

interface Canvas {
  readonly layout: Layout;
  readonly label: LabelStyle;
}

function bars(ranking: Ranking, by: Measure, { layout, label }: Canvas): string[] {
  const { shown, left } = layout;
  const [best] = ranking;
  const highest = measured(best.scores, by);
  const x = scale([0, highest], [0, barsLength]);
  const title = `${sentence(measureWords[by])} on the ${best.scores.split} split`;
  const hidden = ranking.length - shown.length;
  return [
    label({ text: title, x: margin, y: margin + 10, size: 16, color: ink, bold: true }),
    ...shown.flatMap((each, index) => {
      const isBest = index === 0;
      const value = measured(each.scores, by);
      const y = top + index * row;
      const text = { y: y + 14, size: 13, color: isBest ? ink : muted, bold: isBest };
      const name = fitLabel(shortName(each), 13, longestName);
      const end = left + x(value);
      return [
        label({ ...text, text: name, x: left - 12, anchor: "end" }),
        box(
          { x: left, y, width: Math.max(x(value), 1), height: row - 8, radius: 3 },
          isBest ? winner : other,
        ),
        label({ ...text, text: value.toFixed(3), x: end + 8 }),
      ];
    }),
    ...(hidden === 0 ? [] : [
      label({
        text: `and ${hidden} more, all lower`,
        x: left,
        y: layout.bottom + 18,
        size: 12,
        color: muted,
      }),
    ]),
  ];
}

/** One line for each model, the best one on top in its colour. */
function curves(ranking: Ranking, { layout, label }: Canvas): string[] {
  const { middle, width, bottom } = layout;
  const frame = { left: middle + 40, right: width - margin - 20, bottom };
  const lines = ranking.map(({ history }) =>
    (history?.epochs ?? []).map(({ epoch, valMeanIou }) => [epoch, valMeanIou] as const)
  );
  const points = lines.flat();
  const last = Math.max(...points.map(([epoch]) => epoch));
  const ticks = niceTicks(0, Math.max(1e-6, ...points.map(([, value]) => value)), 5);
  const x = scale([1, last], [frame.left, frame.right]);
  const y = scale([0, ticks.at(-1) ?? 1], [frame.bottom, top]);
  const small = { size: 12, color: muted };
  return [
    label({
      text: "Mean IoU on the val split by epoch",
      x: middle + 8,
      y: margin + 10,
      size: 16,
      color: ink,
      bold: true,
    }),
    ...ticks.flatMap((tick) => [
      stroke(`M${frame.left} ${y(tick)}H${frame.right}`, grid, 1),
      label({ ...small, text: `${tick}`, x: frame.left - 8, y: y(tick) + 4, anchor: "end" }),
    ]),
    ...epochTicks(last).map((epoch) =>
      label({ ...small, text: `${epoch}`, x: x(epoch), y: bottom + 20, anchor: "middle" })
    ),
    label({ ...small, text: "epoch", x: frame.right, y: bottom + 38, anchor: "end" }),
    ...lines.toReversed().map((line, fromEnd) => {
      const isBest = fromEnd === lines.length - 1;
      if (line.length === 0) return "";
      const path = `M${line.map(([epoch, value]) => `${x(epoch)} ${y(value)}`).join("L")}`;
      return stroke(path, isBest ? winner : other, isBest ? 2.5 : 1.75);
    }),
  ];
}

function epochTicks(last: number): readonly number[] {
  const inner = niceTicks(1, last, 6).filter((tick) =>
    Number.isInteger(tick) && tick > 1 && tick <= last
  );
  return [1, ...inner];
}

function sentence(words: string): string {
  return words.slice(0, 1).toUpperCase() + words.slice(1);
}
