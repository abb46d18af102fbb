// The tiles artifact: a folder of equal square images with masks, and `tiles.json`, which says where
// each came from. Written by `prepare`; read by `train`, `test` and `visualize`.
import { StepError, z } from "../../engine/plugin.ts";

const landClass = z.strictObject({
  name: z.string(),
  /** `#rrggbb`, used in every picture. */
  color: z.string().regex(/^#[0-9a-f]{6}$/),
});

const source = z.strictObject({
  /** Path of the source image relative to the images folder. */
  name: z.string(),
  /** Pixels. */
  width: z.int(),
  height: z.int(),
  /** Such as "EPSG:2180"; null where the file says nothing that is known. */
  crs: z.string().nullable(),
  /** GDAL's order: x of the corner, pixel width, row rotation, y of the corner, column rotation, pixel height. */
  geotransform: z.array(z.number()).length(6).nullable(),
});

const tile = z.strictObject({
  /** File name without extension in `images/` and `masks/`. */
  name: z.string(),
  /** Index into `sources`. */
  source: z.int(),
  /** Corner of the window in the source, pixels. */
  x: z.int(),
  y: z.int(),
  split: z.enum(["train", "val", "test"]),
  /** Pixels of each class; pixels without a label are not counted. */
  histogram: z.array(z.int()),
});

const tilesManifest = z.strictObject({
  format: z.literal("cairn-tiles/1"),
  /** Edge of every tile, pixels. */
  tile: z.int(),
  bands: z.int(),
  /** Every image is 8-bit `images/NAME.EXT`; `tif` where there are neither 1, 3 nor 4 bands. */
  image: z.enum(["jpg", "png", "tif"]),
  classes: z.array(landClass).min(2),
  sources: z.array(source),
  tiles: z.array(tile),
});

export type LandClass = z.output<typeof landClass>;
export type Source = z.output<typeof source>;
export type Tile = z.output<typeof tile>;
export type TilesManifest = z.output<typeof tilesManifest>;
export type Split = Tile["split"];

/** Mask value of a pixel without a label: left out of the loss and of every score. */
export const NO_LABEL = 255;

/** Reads a tiles folder's manifest; throws StepError where the folder is no tiles artifact. */
export async function readManifest(folder: string): Promise<TilesManifest> {
  const parsed = tilesManifest.safeParse(
    JSON.parse(await Deno.readTextFile(`${folder}/tiles.json`)),
  );
  if (parsed.success) return parsed.data;
  throw new StepError(`Cannot use "${folder}" as tiles: ${z.prettifyError(parsed.error)}`, {
    hint: "Connect this input to the tiles output of a prepare step",
  });
}

/** Writes a tiles folder's manifest. */
export async function writeManifest(folder: string, manifest: TilesManifest): Promise<void> {
  await Deno.writeTextFile(`${folder}/tiles.json`, JSON.stringify(manifest));
}

/** Path of a tile's image. */
export function imagePath(folder: string, manifest: TilesManifest, tile: Tile): string {
  return `${folder}/images/${tile.name}.${manifest.image}`;
}

/** Path of a tile's mask: 8-bit PNG of class indices, {@link NO_LABEL} where there is no label. */
export function maskPath(folder: string, tile: Tile): string {
  return `${folder}/masks/${tile.name}.png`;
}
