// A panel as one PNG: four pictures in a row under a title, over a legend.
import sharp from "sharp";
import { fitLabel, type Label, labelWidth, strokeLabel } from "../../draw/label.ts";
import { box, renderPng, svgDocument } from "../../draw/svg.ts";
import type { LandClass } from "../../tiles/manifest.ts";
import { encodePicture } from "./encode.ts";
import { noLabelColors, type Picture, wrongColor } from "./pictures.ts";

/** What a panel shows. */
export interface Panel {
  readonly title: string;
  readonly pictures: readonly Picture[];
  readonly classes: readonly LandClass[];
}

const margin = 20;
const gap = 10;
const titleHeight = 64;
const legendRow = 26;
const ink = "#1d2733";
const muted = "#64707d";

/** Draws a panel with pictures of `edge` pixels. */
export async function drawSheet(panel: Panel, edge: number): Promise<Uint8Array> {
  const { pictures } = panel;
  const left = (index: number): number => margin + index * (edge + gap);
  const width = left(pictures.length) - gap + margin;
  const legend = layLegend(panel.classes, width - 2 * margin);
  const rows = (legend.at(-1)?.row ?? 0) + 1;
  const height = titleHeight + edge + 16 + rows * legendRow + margin - 8;
  const label = (text: string, place: Partial<Label> & { x: number; y: number }): string =>
    strokeLabel({ text, size: 14, color: muted, ...place });
  const title = fitLabel(panel.title, 18, width - 2 * margin);
  const body = [
    box({ x: 0, y: 0, width, height }, "#ffffff"),
    label(title, { x: margin, y: margin + 12, size: 18, color: ink, bold: true }),
    ...pictures.map(({ name }, index) => label(name, { x: left(index), y: titleHeight - 8 })),
    ...legend.flatMap(({ name, color, x, row }) => {
      const y = titleHeight + edge + 18 + row * legendRow;
      const swatch = box({ x: margin + x, y, width: 14, height: 14, radius: 3 }, color);
      return [swatch, label(name, { x: margin + x + 21, y: y + 12, color: ink })];
    }),
  ];
  const sheet = await renderPng(svgDocument({ width, height }, body), 1);
  const layers = await Promise.all(pictures.map(async (picture, index) => ({
    input: await encodePicture(picture, edge, "png"),
    left: left(index),
    top: titleHeight,
  })));
  return new Uint8Array(await sharp(sheet).composite(layers).png().toBuffer());
}

interface LegendItem {
  readonly name: string;
  readonly color: string;
  readonly x: number;
  readonly row: number;
}

function layLegend(classes: readonly LandClass[], width: number): LegendItem[] {
  const items = [
    ...classes,
    { name: "wrong", color: wrongColor },
    { name: "no label", color: noLabelColors[0] },
  ];
  let x = 0;
  let row = 0;
  return items.map(({ name, color }) => {
    const shown = fitLabel(name, 14, width - 21);
    const length = 21 + labelWidth(shown, 14);
    if (x > 0 && x + length > width) {
      x = 0;
      row++;
    }
    const item = { name: shown, color, x, row };
    x += length + 22;
    return item;
  });
}
