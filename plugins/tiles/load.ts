// Reads tiles back as numbers: what training, testing and drawing see of an image and its mask.
import sharp from "sharp";
import { StepError } from "../../engine/plugin.ts";
import { decodeBandTiff } from "../geo/band_tiff.ts";
import { imagePath, maskPath, type Tile, type TilesManifest } from "./manifest.ts";

/**
 * Reads a tile's pixels as [bands, tile, tile], values 0-255.
 * Throws StepError where the file is missing, damaged or of another size than the manifest says.
 */
export async function readTilePixels(
  folder: string,
  manifest: TilesManifest,
  tile: Tile,
): Promise<Uint8Array> {
  const path = imagePath(folder, manifest, tile);
  const length = manifest.bands * manifest.tile ** 2;
  return await readPixels(path, length, async () => {
    if (manifest.image === "tif") return decodeBandTiff(await Deno.readFile(path)).data;
    return toPlanes(await decode(path, manifest.bands), manifest.bands);
  });
}

/**
 * Reads a tile's mask as [tile, tile] class indices, NO_LABEL where there is no label.
 * Throws StepError where the file is missing, damaged or of another size than the manifest says.
 */
export async function readTileMask(
  folder: string,
  manifest: TilesManifest,
  tile: Tile,
): Promise<Uint8Array> {
  const path = maskPath(folder, tile);
  return await readPixels(path, manifest.tile ** 2, () => decode(path, 1));
}

async function readPixels(
  path: string,
  length: number,
  read: () => Promise<Uint8Array>,
): Promise<Uint8Array> {
  const pixels = await read().catch((cause: unknown) => {
    throw unreadable(path, cause instanceof Error ? cause.message : String(cause), cause);
  });
  if (pixels.length === length) return pixels;
  throw unreadable(path, `it holds ${pixels.length} values, the manifest says ${length}`);
}

function unreadable(path: string, why: string, cause?: unknown): StepError {
  return new StepError(`Cannot read tile "${path}": ${why}`, {
    hint: "Run the prepare step again with --force",
    cause,
  });
}

async function decode(path: string, bands: number): Promise<Uint8Array> {
  const image = sharp(path);
  const pixels = await (bands === 1 ? image.toColourspace("b-w") : image).raw().toBuffer();
  return new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength);
}

function toPlanes(interleaved: Uint8Array, bands: number): Uint8Array {
  if (bands === 1) return interleaved;
  const size = interleaved.length / bands;
  const planes = new Uint8Array(interleaved.length);
  for (let band = 0; band < bands; band++) {
    for (let to = band * size, from = band; from < interleaved.length; to++, from += bands) {
      planes[to] = interleaved[from] ?? 0;
    }
  }
  return planes;
}
