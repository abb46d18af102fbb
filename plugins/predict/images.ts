// Finds the images to predict, opens them, and says clearly where one does not fit the model.
import { basename, extname, join, parse } from "node:path";
import { type InputArtifact, StepError } from "../../engine/plugin.ts";
import { openRaster, type Raster, RASTER_EXTENSIONS } from "../geo/raster.ts";
import type { ModelCard } from "../nn/model_artifact.ts";
import { makePixelReader } from "../prepare/cut/pixels.ts";
import type { PredictOptions } from "./options.ts";
import type { ReadableImage } from "./windows/image_rows.ts";

/** An image file; maps are named after it. */
export interface ImageFile {
  /** Without folder and extension. */
  readonly name: string;
  readonly path: string;
}

/** Lists the images, by name; throws StepError where there is none or two have one name. */
export async function findImages(
  { images }: Pick<PredictOptions, "images">,
  source: InputArtifact | undefined,
): Promise<ImageFile[]> {
  if (images !== undefined && source !== undefined) {
    throw new StepError('Both the option "images" and the input "source" are given', {
      hint: "Leave out one of them",
    });
  }
  const place = images ?? (source && `${source.path}/images`);
  if (place === undefined) {
    throw new StepError("There is nothing to predict", {
      hint: 'Give an image or a folder of them as "images", or connect the input "source"',
    });
  }
  const files = (await filesAt(place)).filter(isImage).sort();
  if (files.length === 0) {
    throw new StepError(`There is no image in "${place}"`, {
      hint: `Images are files that end in ${RASTER_EXTENSIONS.join(", ")}`,
    });
  }
  const named = files.map((path) => ({ name: parse(path).name, path }));
  const twice = named.find(({ name }, index) => named[index - 1]?.name === name);
  if (twice === undefined) return named;
  throw new StepError(`Two images are named "${twice.name}" in "${place}"`, {
    hint: "Rename one of them: maps are named after the image",
  });
}

async function filesAt(place: string): Promise<string[]> {
  try {
    if ((await Deno.stat(place)).isFile) return [place];
    const files: string[] = [];
    for await (const { name, isDirectory } of Deno.readDir(place)) {
      if (!isDirectory) files.push(join(place, name));
    }
    return files;
  } catch (cause) {
    const hint = "Check the path; it is taken relative to the project's folder";
    throw new StepError(`Cannot read "${place}"`, { hint, cause });
  }
}

function isImage(path: string): boolean {
  return RASTER_EXTENSIONS.includes(extname(path).toLowerCase());
}

/** How images are read. */
export interface ReadSettings {
  readonly config: Pick<PredictOptions, "bands" | "scale" | "nodata">;
  readonly card: ModelCard;
  readonly scratch: string;
}

/** An image that fits the model; dispose it to close the file. */
export interface OpenImage extends ReadableImage, Disposable {
  readonly raster: Raster;
}

/** Opens an image; throws StepError where its bands or samples do not fit the model. */
export async function openImage(
  { path }: ImageFile,
  { config, card, scratch }: ReadSettings,
): Promise<OpenImage> {
  const raster = await openRaster(path, scratch);
  try {
    const wanted = card.architecture.bands;
    if (config.scale === undefined) requireBytes(path, raster);
    const bands = config.bands ?? opaqueBands(raster, wanted);
    const options = { ...config, bands, tile: card.tile };
    const pixels = await makePixelReader(options, raster, path);
    if (pixels.bands !== wanted) throw wrongBands(path, pixels.bands, card);
    return { raster, pixels, [Symbol.dispose]: () => raster[Symbol.dispose]() };
  } catch (error) {
    raster[Symbol.dispose]();
    throw error;
  }
}

/** Where an image has just transparency beside the model's bands, it says which pixels have data. */
function opaqueBands({ bands, alpha }: Raster, wanted: number): number[] | undefined {
  if (alpha === null || bands !== wanted + 1) return undefined;
  return Array.from({ length: bands }, (_, band) => band + 1).filter((band) => band !== alpha + 1);
}

function requireBytes(path: string, { bits, format, palette }: Raster): void {
  if (palette !== null || (bits <= 8 && format === "uint")) return;
  const kind = `${bits}-bit ${format === "float" ? "floating point" : "whole"} numbers`;
  throw new StepError(
    `The model takes pixels from 0 to 255, image "${basename(path)}" holds ${kind}`,
    {
      hint: 'Give the "scale" of the "prepare" step that made the training tiles',
    },
  );
}

function wrongBands(path: string, bands: number, { architecture }: ModelCard): StepError {
  return new StepError(
    `The model takes images with ${count(architecture.bands)}, ` +
      `image "${basename(path)}" gives ${bands}`,
    {
      hint: bands > architecture.bands
        ? 'Choose with "bands" those that the model was trained on, such as bands: ' +
          JSON.stringify(Array.from({ length: architecture.bands }, (_, band) => band + 1))
        : "Predict images with the bands of the training images, or train a new model",
    },
  );
}

function count(bands: number): string {
  return bands === 1 ? "1 band" : `${bands} bands`;
}
