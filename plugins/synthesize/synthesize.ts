// Makes the photographs one by one: an invented landscape, its colours, sunlight, two GeoTIFFs.
import type { Port, Ports, StepContext } from "../../engine/plugin.ts";
import { encodeGeoTiff } from "../geo/write_geotiff.ts";
import { seededRandom } from "../random.ts";
import { classColor } from "../tiles/class_colors.ts";
import { paintGround } from "./ground.ts";
import { LAND_COVER, makeLandscape } from "./landscape.ts";
import { photograph } from "./light.ts";
import type { SynthesizeOptions } from "./options.ts";

type Context = Pick<
  StepContext<SynthesizeOptions, Ports, { images: Port }>,
  "config" | "outputs" | "seed" | "signal" | "progress"
>;

const EPSG_POLAND_1992 = 2180;

/** A photograph and the class of each of its pixels. */
export interface Scene {
  /** Shape [size, size, 3]. */
  readonly image: Uint8Array;
  /** Shape [size, size]. */
  readonly mask: Uint8Array;
}

/** Fills the output folder with images/ and masks/ of the same names. */
export async function synthesize(context: Context): Promise<void> {
  const { images, size, resolution } = context.config;
  const folder = context.outputs.images;
  await Deno.mkdir(`${folder}/images`);
  await Deno.mkdir(`${folder}/masks`);
  for (let index = 0; index < images; index++) {
    context.signal.throwIfAborted();
    const { image, mask } = makeScene(context.config, context.seed, index);
    const place = {
      width: size,
      height: size,
      epsg: EPSG_POLAND_1992,
      origin: [500_000 + index * 2 * size * resolution, 520_000] as const,
      resolution,
    };
    const name = `scene_${String(index + 1).padStart(2, "0")}.tif`;
    await Deno.writeFile(
      `${folder}/images/${name}`,
      encodeGeoTiff({ ...place, bands: 3, data: image }),
    );
    const palette = LAND_COVER.map(classColor);
    await Deno.writeFile(
      `${folder}/masks/${name}`,
      encodeGeoTiff({ ...place, bands: 1, data: mask, palette }),
    );
    context.progress(index + 1, images, "images");
  }
}

/** Makes one photograph with its mask; the same options, seed and index give the same bytes. */
export function makeScene(
  options: Pick<SynthesizeOptions, "size" | "resolution">,
  seed: number,
  index: number,
): Scene {
  const random = seededRandom(seed, index);
  const landscape = makeLandscape(options, random);
  const ground = paintGround(landscape, random);
  return { image: photograph(landscape, ground, random), mask: landscape.cover };
}
