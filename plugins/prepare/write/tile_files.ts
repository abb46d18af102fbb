// Writes tiles as files, several at a time: the only place that knows the formats' settings.
import sharp, { type Sharp } from "sharp";
import { encodeBandTiff } from "../../geo/band_tiff.ts";
import type { TilesManifest } from "../../tiles/manifest.ts";
import { crop, isInside, type TileView } from "../cut/crop.ts";
import { encodeMaskPng } from "./mask_png.ts";

/** How tile images are kept. */
export interface TileFormat {
  readonly format: TilesManifest["image"];
  readonly tile: number;
  readonly bands: number;
  /** JPEG quality, 1-100. */
  readonly quality: number;
}

sharp.cache(false);

/** Writes an image; what lies outside of the rows becomes black. */
export async function writeTileImage(
  path: string,
  view: TileView,
  { format, tile, bands, quality }: TileFormat,
): Promise<void> {
  if (format === "tif") {
    const data = toPlanes(crop(view, 0), bands);
    const file = await encodeBandTiff({ width: tile, height: tile, bands, data });
    return await Deno.writeFile(path, file);
  }
  const image = openView(view);
  await (format === "jpg"
    ? image.jpeg({ quality, optimiseCoding: false })
    : image.png({ compressionLevel: 2, adaptiveFiltering: true })).toFile(path);
}

/** libvips takes a tile out of the rows itself, which saves copying it here. */
function openView(view: TileView): Sharp {
  const { pixels, width, rows, bands, x, tile } = view;
  const channels = bands === 1 ? 1 : bands === 4 ? 4 : 3;
  const image = isInside(view)
    ? sharp(pixels, { raw: { width, height: rows, channels }, limitInputPixels: false })
      .extract({ left: x, top: 0, width: tile, height: tile })
    : sharp(crop(view, 0), { raw: { width: tile, height: tile, channels } });
  return bands === 1 ? image.toColourspace("b-w") : image;
}

/** Writes a mask of shape [tile, tile]. */
export async function writeTileMask(path: string, mask: Uint8Array, tile: number): Promise<void> {
  await Deno.writeFile(path, encodeMaskPng(mask, tile, tile));
}

function toPlanes(pixels: Uint8Array, bands: number): Uint8Array {
  const size = pixels.length / bands;
  const planes = new Uint8Array(pixels.length);
  for (let band = 0; band < bands; band++) {
    for (let to = band * size, from = band; from < pixels.length; to++, from += bands) {
      planes[to] = pixels[from] ?? 0;
    }
  }
  return planes;
}

/** Runs work side by side, at most `width` at a time. */
export class Lanes {
  readonly #width: number;
  readonly #running = new Set<Promise<void>>();

  constructor(width: number) {
    this.#width = Math.max(1, width);
  }

  /** Starts work once a lane is free; throws what earlier work threw. */
  async start(work: () => Promise<void>): Promise<void> {
    while (this.#running.size >= this.#width) await Promise.race(this.#running);
    const running = work().then(() => {
      this.#running.delete(running);
    });
    this.#running.add(running);
    running.catch(() => {}); // whoever waits next sees the failure
  }

  /** Waits until no work runs; throws the first failure after all have ended. */
  async finish(): Promise<void> {
    const ended = await Promise.allSettled(this.#running);
    this.#running.clear();
    const failed = ended.find((result) => result.status === "rejected");
    if (failed !== undefined) throw failed.reason;
  }
}
