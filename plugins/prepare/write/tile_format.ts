// Decides how tile images are kept; the first image decides for all.
import { StepError } from "../../../engine/plugin.ts";
import type { TilesManifest } from "../../tiles/manifest.ts";
import type { PrepareOptions } from "../options.ts";
import type { TileFormat } from "./tile_files.ts";

/** Settles on one number of bands and one file format while sources come in. */
export interface FormatChoice {
  /** Gives the format for an image with so many bands; throws StepError where it does not fit. */
  of(bands: number, path: string): TileFormat;
  /** What the manifest says about it, once there was an image. */
  chosen(): Pick<TilesManifest, "bands" | "image">;
}

/** Starts without a choice. */
export function formatChoice({ format, tile, quality }: PrepareOptions): FormatChoice {
  let first: { readonly choice: TileFormat; readonly path: string } | undefined;
  return {
    of(bands, path): TileFormat {
      first ??= {
        choice: { format: imageFormat(format, bands, path), tile, bands, quality },
        path,
      };
      if (first.choice.bands === bands) return first.choice;
      throw new StepError(
        `Image "${path}" gives ${bands} bands, but "${first.path}" gives ${first.choice.bands}`,
        { hint: 'Choose with "bands" what all images have, such as bands: [1, 2, 3]' },
      );
    },
    chosen: () => ({ bands: first?.choice.bands ?? 1, image: first?.choice.format ?? "png" }),
  };
}

const ALLOWED = { jpg: [1, 3], png: [1, 3, 4] } as const satisfies Record<string, number[]>;

function imageFormat(
  format: PrepareOptions["format"],
  bands: number,
  path: string,
): TilesManifest["image"] {
  const fits = (kind: "jpg" | "png"): boolean => ALLOWED[kind].some((count) => count === bands);
  if (format === "auto") return fits("jpg") ? "jpg" : fits("png") ? "png" : "tif";
  if (format === "tif" || fits(format)) return format;
  throw new StepError(
    `Image "${path}" gives ${bands} bands, but ${format} holds ${ALLOWED[format].join(" or ")}`,
    { hint: 'Choose "format: auto" or fewer "bands"' },
  );
}
