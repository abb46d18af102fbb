// Pictures whose classes are known and a model that finds them, for tests of the predict step.
import assert from "node:assert/strict";
import { StepError } from "../../../engine/plugin.ts";
import { openRaster } from "../../../plugins/geo/raster.ts";
import { encodeGeoTiff } from "../../../plugins/geo/write_geotiff.ts";
import { predictPlugin } from "../../../plugins/predict/plugin.ts";
import { seededRandom } from "../../../plugins/random.ts";
import { NO_LABEL } from "../../../plugins/tiles/manifest.ts";
import { rgb, writeColorModel } from "../../support/color_model.ts";
import { threeClasses } from "../../support/color_tiles.ts";
import { type PluginRun, runPlugin } from "../../support/run_plugin.ts";

const BLACK = [0, 0, 0];
/** Edge of a pixel, metres. */
export const RESOLUTION = 0.5;

/** An image whose pixels have the colours of their classes, black where there is no data. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly classes: Uint8Array;
}

/** Blocks of random classes and sizes, with single pixels strewn in; a corner without data on request. */
export function makePicture(width: number, height: number, hole = 0): Picture {
  const random = seededRandom(width * height);
  const blocks = Array.from({ length: 400 }, () => Math.floor(random() * 3));
  const classes = Uint8Array.from({ length: width * height }, (_, at) => {
    const [x, y] = [at % width, Math.floor(at / width)];
    if (x < hole && y < hole) return NO_LABEL;
    const block = blocks[(Math.floor(y / 11) * 20 + Math.floor(x / 13)) % blocks.length]!;
    return random() < 0.02 ? (block + 1) % 3 : block;
  });
  return { width, height, classes };
}

/** Gives red, green and blue of each pixel. */
export function colorsOf({ classes }: Picture): Uint8Array {
  const palette = threeClasses.map(({ color }) => rgb(color));
  const pixels = new Uint8Array(classes.length * 3);
  classes.forEach((land, at) => pixels.set(palette[land] ?? BLACK, at * 3));
  return pixels;
}

/** A folder with a model, removed at the end. */
export interface Folder extends AsyncDisposable {
  readonly path: string;
  readonly model: string;
  /** Writes a picture as a GeoTIFF in Poland's grid; gives its path. */
  write(name: string, picture: Picture): Promise<string>;
}

/** Makes a folder with a model that tells classes apart by colour. */
export async function makeFolder(): Promise<Folder> {
  const path = await Deno.makeTempDir({ prefix: "cairn_predict_" });
  await writeColorModel(`${path}/model`, threeClasses);
  await Deno.mkdir(`${path}/source/images`, { recursive: true });
  return {
    path,
    model: `${path}/model`,
    async write(name, picture): Promise<string> {
      const file = `${path}/source/images/${name}.tif`;
      const place = { epsg: 2180, origin: [500_000, 300_000], resolution: RESOLUTION } as const;
      const { width, height } = picture;
      const image = { ...place, width, height, bands: 3 as const, data: colorsOf(picture) };
      await Deno.writeFile(file, encodeGeoTiff(image));
      return file;
    },
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}

/** Runs the step on the folder's model. */
export function predict(
  folder: Folder,
  config: Readonly<Record<string, unknown>>,
): Promise<PluginRun> {
  return runPlugin(predictPlugin, { inputs: { model: folder.model }, config });
}

/** Reads the class of each pixel of a map. */
export async function readMap(run: PluginRun, name: string): Promise<number[]> {
  using raster = await openRaster(`${run.outputs["maps"]}/${name}.tif`, "");
  return [...await raster.readRows(0, raster.height)];
}

/** Waits for a StepError with a hint and such a message. */
export async function refused(running: Promise<unknown>, message: RegExp): Promise<void> {
  await assert.rejects(running, (error) => {
    assert.ok(error instanceof StepError, String(error));
    assert.match(error.message, message);
    assert.ok(error.hint !== undefined);
    return true;
  });
}
