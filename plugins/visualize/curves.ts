// Learning curves: loss and validation mean IoU over the epochs, one small chart each.
import { niceTicks, scale, stroke } from "../draw/axes.ts";
import type { LabelStyle } from "../draw/label.ts";
import { escapeMarkup, type Size, svgDocument } from "../draw/svg.ts";
import type { History } from "../nn/model_artifact.ts";

/** Paints and text of a chart; on a page the paints are CSS variables. */
export interface ChartStyle {
  readonly label: LabelStyle;
  readonly ink: string;
  readonly muted: string;
  readonly grid: string;
  /** Lines in the order of the series. */
  readonly lines: readonly [string, string];
}

interface Series {
  readonly name: string;
  readonly values: readonly number[];
}

interface Chart {
  readonly title: string;
  readonly epochs: readonly number[];
  readonly series: readonly Series[];
  /** Epoch with the kept weights. */
  readonly best: number;
}

/** Size of one chart, pixels. */
export const chartSize: Size = { width: 440, height: 270 };
const frame = { left: 48, right: 424, top: 56, bottom: 234 };

/** Draws both charts, each as the body of an SVG of {@link chartSize}. */
export function learningCurves(history: History, best: number, style: ChartStyle): string[] {
  const { epochs } = history;
  const common = { epochs: epochs.map(({ epoch }) => epoch), best };
  const loss = [
    { name: "validation", values: epochs.map(({ valLoss }) => valLoss) },
    { name: "training", values: epochs.map(({ trainLoss }) => trainLoss) },
  ];
  const meanIou = [{ name: "validation", values: epochs.map(({ valMeanIou }) => valMeanIou) }];
  return [
    drawChart({ ...common, title: "Loss", series: loss }, style),
    drawChart({ ...common, title: "Mean IoU", series: meanIou }, style),
  ];
}

/** Puts both charts side by side into one SVG for a white background. */
export function curvesDocument(history: History, best: number, label: LabelStyle): string {
  const charts = learningCurves(history, best, {
    label,
    ink: "#1d2733",
    muted: "#64707d",
    grid: "#e3e7ec",
    lines: ["#1f7a8c", "#b9a06a"],
  });
  const width = chartSize.width * charts.length;
  return svgDocument({ ...chartSize, width }, [
    `<rect width="${width}" height="${chartSize.height}" fill="#ffffff"/>`,
    ...charts.map((chart, index) =>
      `<g transform="translate(${index * chartSize.width})">${chart}</g>`
    ),
  ]);
}

function drawChart(chart: Chart, style: ChartStyle): string {
  const { epochs, series } = chart;
  const values = series.flatMap((each) => each.values);
  const ticks = niceTicks(Math.min(0, ...values), Math.max(1e-6, ...values), 5);
  const x = scale([epochs[0] ?? 1, epochs.at(-1) ?? 1], [frame.left, frame.right]);
  const y = scale([ticks[0]!, ticks.at(-1)!], [frame.bottom, frame.top]);
  return [
    style.label({ text: chart.title, x: 12, y: 24, size: 15, color: style.ink, bold: true }),
    ...ticks.flatMap((tick) => valueTick(tick, y(tick), style)),
    ...epochAxis(epochs, x, style),
    ...bestMark(x(chart.best), style),
    ...series.map(({ values }, index) => line(epochs.map(x), values.map(y), style.lines[index]!)),
    ...keys(series, style),
  ].join("");
}

function valueTick(tick: number, y: number, { label, muted, grid }: ChartStyle): string[] {
  const place = { x: frame.left - 8, y: y + 4, size: 12, color: muted, anchor: "end" } as const;
  return [
    stroke(`M${frame.left} ${y}H${frame.right}`, grid, 1),
    label({ text: `${tick}`, ...place }),
  ];
}

function epochAxis(
  epochs: readonly number[],
  x: (epoch: number) => number,
  { label, muted }: ChartStyle,
): string[] {
  const [first = 1, last = 1] = [epochs[0], epochs.at(-1)];
  const text = { size: 12, color: muted };
  const ticks = niceTicks(first, last, 6).filter((tick) =>
    Number.isInteger(tick) && tick >= first && tick <= last
  );
  return [
    ...ticks.map((tick) =>
      label({ text: `${tick}`, x: x(tick), y: frame.bottom + 18, anchor: "middle", ...text })
    ),
    label({ text: "epoch", x: frame.right, y: frame.bottom + 33, anchor: "end", ...text }),
  ];
}

function bestMark(x: number, { label, muted }: ChartStyle): string[] {
  return [
    stroke(`M${x} ${frame.top}V${frame.bottom}`, muted, 1, "2 4"),
    label({ text: "best", x, y: frame.top - 6, size: 11, color: muted, anchor: "middle" }),
  ];
}

/** Names of the lines, right of the title. */
function keys(series: readonly Series[], { label, muted, lines }: ChartStyle): string[] {
  return series.toReversed().flatMap(({ name }, fromRight) => {
    const at = frame.right - 78 - fromRight * 92;
    const color = lines[series.length - 1 - fromRight]!;
    return [
      stroke(`M${at} 20H${at + 14}`, color, 2.5),
      label({ text: name, x: at + 20, y: 24, size: 12, color: muted }),
    ];
  });
}

/** A line, or a dot where there is only one epoch. */
function line(xs: readonly number[], ys: readonly number[], color: string): string {
  if (xs.length === 1) {
    return `<circle cx="${xs[0]}" cy="${ys[0]}" r="4" fill="${escapeMarkup(color)}"/>`;
  }
  return stroke(`M${xs.map((x, index) => `${x} ${ys[index]}`).join("L")}`, color, 2.25);
}
