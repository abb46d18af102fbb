// The probabilities: one 8-bit band per class. Steps of 0.004 are finer than a network is sure of, and take
// a quarter of what floats do; the file says the scale, so that a GIS shows 0 to 1.
import { escapeMarkup } from "../../draw/svg.ts";
import { TAG } from "../../geo/tiff/encode.ts";
import { PHOTOMETRIC } from "../../geo/tiff/layout.ts";
import type { Reduce } from "../../geo/tiled/level.ts";
import { TiledTiffWriter } from "../../geo/tiled/writer.ts";
import { NO_LABEL } from "../../tiles/manifest.ts";
import type { FinishedRows } from "../windows/predict_rows.ts";
import { type MapClass, type MapFile, type MapPlan, noDataTag, textTag } from "./map_file.ts";

/** Value of a probability of 1. */
const CERTAIN = 250;

/** Starts `NAME_probabilities.tif`. */
export async function createProbabilityMap(
  { path, image, classes, overviews }: MapPlan,
): Promise<MapFile> {
  const writer = await TiledTiffWriter.create(path, {
    width: image.width,
    height: image.height,
    bands: classes.length,
    tags: [
      { id: TAG.photometric, type: "short", values: [PHOTOMETRIC.gray] },
      textTag(TAG.gdalMetadata, bandMetadata(classes)),
      noDataTag(NO_LABEL),
      ...image.geoTags,
    ],
    reduce: overviews ? meanOfKnown : undefined,
  });
  return {
    write: (rows) => writer.writeRows(toBytes(rows)),
    finish: () => writer.finish(),
    [Symbol.dispose]: () => writer[Symbol.dispose](),
  };
}

function bandMetadata(classes: readonly MapClass[]): string {
  const items = classes.map(({ name }, band) =>
    `<Item name="DESCRIPTION" sample="${band}" role="description">${escapeMarkup(name)}</Item>` +
    `<Item name="SCALE" sample="${band}" role="scale">${1 / CERTAIN}</Item>`
  );
  return `<GDALMetadata>${items.join("")}</GDALMetadata>`;
}

function toBytes({ classes, probabilities = new Float32Array() }: FinishedRows): Uint8Array {
  const bytes = new Uint8Array(probabilities.length);
  for (let at = 0, pixel = 0; at < bytes.length; at++, pixel++) {
    if (pixel === classes.length) pixel = 0;
    bytes[at] = classes[pixel] === NO_LABEL ? NO_LABEL : Math.round(probabilities[at]! * CERTAIN);
  }
  return bytes;
}

const meanOfKnown: Reduce = (a, b, c, d) => {
  let [sum, known] = [0, 0];
  for (const value of [a, b, c, d]) {
    if (value === NO_LABEL) continue;
    sum += value;
    known++;
  }
  return known === 0 ? NO_LABEL : Math.round(sum / known);
};
