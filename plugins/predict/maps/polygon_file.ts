// The outlines of a map: regions are written as soon as the rows below them show nothing of them.
import type { RowArea } from "../../geo/pixel_area.ts";
import { GEO_JSON_TAIL, geoJsonFeature, geoJsonHead } from "../polygons/geojson.ts";
import { type Region, RegionFinder } from "../polygons/regions.ts";
import type { MapFile, MapPlan } from "./map_file.ts";

/** What decides which polygons are written. */
export interface PolygonChoice {
  readonly name: string;
  /** Null where it is not known. */
  readonly area: RowArea | null;
  /** m²; smaller ones are left out. */
  readonly minArea: number;
}

/** Starts `NAME.geojson`. */
export async function createPolygonFile(
  { path, image, classes }: MapPlan,
  { name, area, minArea }: PolygonChoice,
): Promise<MapFile> {
  const file = await Deno.open(path, { write: true, createNew: true });
  const { width, crs, geotransform } = image;
  const names = classes.map((each) => each.name);
  const place = { crs, geotransform, classes: names, hasArea: area !== null };
  const regions = new RegionFinder(width);
  let separator = "\n";
  const add = (found: readonly Region[]): string => {
    const kept = found.filter((region) => area === null || region.area >= minArea);
    return kept.map((region) => {
      const feature = `${separator}${geoJsonFeature(region, place)}`;
      separator = ",\n";
      return feature;
    }).join("");
  };
  await writeText(file, geoJsonHead(name, crs));
  return {
    async write({ y, rows, classes }): Promise<void> {
      for (let row = 0; row < rows; row++) {
        const values = classes.subarray(row * width, (row + 1) * width);
        const text = add(regions.add(values, area?.(y + row) ?? 0));
        if (text !== "") await writeText(file, text);
      }
    },
    async finish(): Promise<void> {
      await writeText(file, add(regions.finish()) + GEO_JSON_TAIL);
    },
    [Symbol.dispose]: () => file.close(),
  };
}

async function writeText(file: Deno.FsFile, text: string): Promise<void> {
  const bytes = new TextEncoder().encode(text);
  for (let done = 0; done < bytes.length;) done += await file.write(bytes.subarray(done));
}
