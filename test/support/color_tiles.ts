// Tiles whose pixels have the colours of their classes, with errors put in on purpose.
import sharp from "sharp";
import {
  type LandClass,
  NO_LABEL,
  type Tile,
  type TilesManifest,
  writeManifest,
} from "../../plugins/tiles/manifest.ts";
import { rgb } from "./color_model.ts";

/** Three classes with colours far apart. */
export const threeClasses: readonly LandClass[] = [
  { name: "field", color: "#d9c27a" },
  { name: "woodland", color: "#2f6b3a" },
  { name: "water", color: "#3b7fc4" },
];

/** A tile as the image shows it and as its mask says. */
export interface DrawnTile {
  readonly name: string;
  readonly split: Tile["split"];
  /** Class that the image shows at a place. */
  readonly shown: (x: number, y: number) => number;
  /** Class that the mask says; the shown one by default, NO_LABEL for none. */
  readonly labelled?: (x: number, y: number) => number;
}

/** Writes a tiles artifact of PNG images. */
export async function writeColorTiles(
  folder: string,
  tiles: readonly DrawnTile[],
  edge = 32,
): Promise<TilesManifest> {
  await Deno.mkdir(`${folder}/images`, { recursive: true });
  await Deno.mkdir(`${folder}/masks`, { recursive: true });
  const places = Array.from({ length: edge ** 2 }, (_, at) => [at % edge, Math.floor(at / edge)]);
  const entries: Tile[] = [];
  for (const { name, split, shown, labelled = shown } of tiles) {
    const colors = places.flatMap(([x, y]) => rgb(threeClasses[shown(x!, y!)]!.color));
    const classes = Uint8Array.from(places, ([x, y]) => labelled(x!, y!));
    await writePng(`${folder}/images/${name}.png`, Uint8Array.from(colors), edge);
    await writePng(`${folder}/masks/${name}.png`, classes, edge);
    const histogram = threeClasses.map((_, index) =>
      classes.filter((value) => value !== NO_LABEL && value === index).length
    );
    entries.push({ name, source: 0, x: entries.length * edge, y: 0, split, histogram });
  }
  const size = { width: edge * tiles.length, height: edge };
  const manifest: TilesManifest = {
    format: "cairn-tiles/1",
    tile: edge,
    bands: 3,
    image: "png",
    classes: [...threeClasses],
    sources: [{ name: "drawn.tif", ...size, crs: null, geotransform: null }],
    tiles: entries,
  };
  await writeManifest(folder, manifest);
  return manifest;
}

async function writePng(path: string, pixels: Uint8Array, edge: number): Promise<void> {
  const channels = pixels.length === edge ** 2 ? 1 : 3;
  const image = sharp(pixels, { raw: { width: edge, height: edge, channels } });
  await (channels === 1 ? image.toColourspace("b-w") : image).png().toFile(path);
}
