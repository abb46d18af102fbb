// The class map: one 8-bit band of class numbers with the classes' colours, as large as the image and in
// the same place.
import { TAG, type Tag } from "../../geo/tiff/encode.ts";
import { PHOTOMETRIC } from "../../geo/tiff/layout.ts";
import type { Reduce } from "../../geo/tiled/level.ts";
import { TiledTiffWriter } from "../../geo/tiled/writer.ts";
import { NO_LABEL } from "../../tiles/manifest.ts";
import { type MapClass, type MapFile, type MapPlan, noDataTag } from "./map_file.ts";

/** Starts `NAME.tif`. */
export async function createClassMap(
  { path, image, classes, overviews }: MapPlan,
): Promise<MapFile> {
  const writer = await TiledTiffWriter.create(path, {
    width: image.width,
    height: image.height,
    bands: 1,
    tags: [
      { id: TAG.photometric, type: "short", values: [PHOTOMETRIC.palette] },
      paletteTag(classes),
      noDataTag(NO_LABEL),
      ...image.geoTags,
    ],
    reduce: overviews ? mostFrequent : undefined,
  });
  return {
    write: (rows) => writer.writeRows(rows.classes),
    finish: () => writer.finish(),
    [Symbol.dispose]: () => writer[Symbol.dispose](),
  };
}

/** The value that most of four have; the earlier one among equals. */
const mostFrequent: Reduce = (a, b, c, d) => {
  if (a === b || a === c || a === d) return a;
  if (b === c || b === d) return b;
  return c === d ? c : a;
};

/** TIFF keeps all reds, then all greens, then all blues, 16 bits each. */
function paletteTag(classes: readonly MapClass[]): Tag {
  const channel = (shift: number): number[] =>
    Array.from({ length: 256 }, (_, value) => {
      const color = Number.parseInt(classes[value]?.color.slice(1) ?? "0", 16);
      return ((color >> shift) & 255) * 257;
    });
  return { id: TAG.palette, type: "short", values: [16, 8, 0].flatMap(channel) };
}
