// SVG as text, and as pixels: the few primitives that charts and picture sheets are made of.
import sharp from "sharp";

/** A size in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Makes any text harmless inside XML and HTML, attributes included. */
export function escapeMarkup(text: string): string {
  return text
    // XML allows no control characters but tab and line ends, not even escaped.
    // deno-lint-ignore no-control-regex
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, "�")
    .replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;").replaceAll("'", "&#39;");
}

/** Wraps markup as an SVG document with a view box of that size. */
export function svgDocument(size: Size, body: readonly string[]): string {
  const { width, height } = size;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" ` +
    `viewBox="0 0 ${width} ${height}">${body.join("")}</svg>`;
}

/** A filled rectangle with rounded corners. */
export function box(place: Size & { x: number; y: number; radius?: number }, fill: string): string {
  const { x, y, width, height, radius = 0 } = place;
  return `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="${radius}" ` +
    `fill="${escapeMarkup(fill)}"/>`;
}

/** Renders an SVG as PNG, `scale` image pixels per SVG pixel. */
export async function renderPng(svg: string, scale = 2): Promise<Uint8Array> {
  const pixels = await sharp(new TextEncoder().encode(svg), { density: 72 * scale })
    .png({ compressionLevel: 9, palette: false }).toBuffer();
  return new Uint8Array(pixels);
}
