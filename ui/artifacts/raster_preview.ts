// Pictures of GeoTIFFs, which browsers do not show. Who starts the page gives what draws them.
import type { Store } from "../../engine/mod.ts";
import { ArtifactProblem, findFile, soundObject } from "./artifacts.ts";

/** A GeoTIFF as a picture with the facts beside it. */
export interface RasterPreview {
  /** In pixels. */
  readonly width: number;
  readonly height: number;
  readonly bands: number;
  /** Kind of its values, such as "uint8". */
  readonly samples: string;
  /** Coordinate system, such as "EPSG:2180"; null where it is not known. */
  readonly crs: string | null;
  /** West, south, east and north in units of the coordinate system; null where it lies nowhere. */
  readonly extent: readonly [number, number, number, number] | null;
  /** Width and height of a pixel in the same units. */
  readonly pixel: readonly [number, number] | null;
  readonly noData: number | null;
  /** How values became colours, in words. */
  readonly colors: string;
  /** The picture as PNG in base64. */
  readonly png: string;
}

/** Draws a file under the name that people know it by; rejects with words for people where it cannot. */
export type PreviewRaster = (
  file: { readonly path: string; readonly name: string },
  signal: AbortSignal,
) => Promise<RasterPreview>;

/** Draws a GeoTIFF of an artifact; undefined where there is no such file. */
export async function previewFile(
  store: Store,
  place: { readonly hex: string; readonly path: string },
  { preview, signal }: { readonly preview: PreviewRaster; readonly signal: AbortSignal },
): Promise<RasterPreview | undefined> {
  const entry = await findFile(store, place);
  if (entry === undefined) return undefined;
  const path = await soundObject(store, entry);
  try {
    return await preview({ path, name: entry.path }, signal);
  } catch (error) {
    throw new ArtifactProblem(error instanceof Error ? error.message : String(error), 422);
  }
}
