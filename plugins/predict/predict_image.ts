// Predicts one image into the files that the options ask for; all of them grow row by row.
import { StepError } from "../../engine/plugin.ts";
import { type RowArea, rowArea } from "../geo/pixel_area.ts";
import type { OpenImage } from "./images.ts";
import { createClassMap } from "./maps/class_map.ts";
import type { MapFile, MapPlan } from "./maps/map_file.ts";
import { createPolygonFile } from "./maps/polygon_file.ts";
import { createProbabilityMap } from "./maps/probability_map.ts";
import type { PredictOptions } from "./options.ts";
import { ClassTally, type ImageSummary } from "./summary.ts";
import { predictRows, type PredictSettings } from "./windows/predict_rows.ts";

/** What to make of an image. */
export interface ImageJob {
  /** What the files are named after. */
  readonly name: string;
  readonly folder: string;
  readonly config: PredictOptions;
  readonly rows: Omit<PredictSettings, "batch" | "probabilities">;
  warn(message: string): void;
}

/** Predicts an image and gives its areas; throws StepError where "min-area" cannot be applied. */
export async function predictImage(image: OpenImage, job: ImageJob): Promise<ImageSummary> {
  const { name, config, rows } = job;
  const { width, height, crs, geotransform } = image.raster;
  const area = rowArea(image.raster);
  if (area === null) missingArea(job);
  const tally = new ClassTally(width, area);
  const settings = { ...rows, batch: config.batch, probabilities: config.probabilities };
  using opened = new DisposableStack();
  const files: MapFile[] = [];
  for (const create of fileMakers(image, job, area)) files.push(opened.use(await create()));
  for await (const finished of predictRows(image, settings)) {
    tally.add(finished);
    for (const file of files) await file.write(finished);
  }
  for (const file of files) await file.finish();
  const names = rows.predictor.card.classes.map((each) => each.name);
  return { name, width, height, crs, geotransform, ...tally.result(names) };
}

function fileMakers(
  { raster }: OpenImage,
  { name, folder, config, rows }: ImageJob,
  area: RowArea | null,
): (() => Promise<MapFile>)[] {
  const { classes } = rows.predictor.card;
  const plan = (file: string): MapPlan => ({
    path: `${folder}/${file}`,
    image: raster,
    classes,
    overviews: config.overviews,
  });
  const makers = [() => createClassMap(plan(`${name}.tif`))];
  if (config.probabilities) {
    makers.push(() => createProbabilityMap(plan(`${name}_probabilities.tif`)));
  }
  if (config.polygons) {
    const choice = { name, area, minArea: config["min-area"] };
    makers.push(() => createPolygonFile(plan(`${name}.geojson`), choice));
  }
  return makers;
}

function missingArea({ name, config, warn }: ImageJob): void {
  const message = `Image "${name}" does not say how much ground a pixel covers`;
  if (config["min-area"] > 0) {
    throw new StepError(`${message}, but "min-area" is in m²`, {
      hint:
        'Georeference the image, for instance with gdal_translate -a_srs -a_ullr, or leave out "min-area"',
    });
  }
  warn(`${message}: areas are given in pixels only`);
}
