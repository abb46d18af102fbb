// What the files made for one image have in common: they take finished rows from top to bottom.
import type { Raster } from "../../geo/raster.ts";
import { TAG, type Tag } from "../../geo/tiff/encode.ts";
import type { FinishedRows } from "../windows/predict_rows.ts";

/** A file being written; dispose it after `finish`, or instead of it to give up. */
export interface MapFile extends Disposable {
  write(rows: FinishedRows): Promise<void>;
  /** Completes the file after the last row. */
  finish(): Promise<void>;
}

/** The image that a map shows. */
export type MappedImage = Pick<
  Raster,
  "width" | "height" | "crs" | "geotransform" | "geoTags"
>;

/** A class by its name and colour, "#rrggbb". */
export interface MapClass {
  readonly name: string;
  readonly color: string;
}

/** A map to make. */
export interface MapPlan {
  readonly path: string;
  readonly image: MappedImage;
  readonly classes: readonly MapClass[];
  readonly overviews: boolean;
}

/** Writes text as a tag. */
export function textTag(id: number, text: string): Tag {
  return { id, type: "ascii", values: new TextEncoder().encode(`${text}\0`) };
}

/** Says which value stands for pixels without data, as GDAL does. */
export function noDataTag(value: number): Tag {
  return textTag(TAG.noData, String(value));
}
