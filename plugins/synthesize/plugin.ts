// Declares the plugin that makes aerial photographs with masks, so that a first run needs no download.
import { definePlugin, z } from "../../engine/plugin.ts";

const config = z.strictObject({
  images: z.int().min(1).max(1000).default(8).describe("photographs to make"),
  size: z.int().min(64).max(8192).default(768).describe("edge of a photograph, pixels"),
  resolution: z.number().min(0.1).max(2).default(0.5).describe("edge of a pixel, metres"),
});

export type SynthesizeOptions = z.output<typeof config>;

/** Makes seeded orthophotos and masks like LandCover.ai's, with the same five classes. */
export const synthesizePlugin = definePlugin({
  name: "synthesize",
  kind: "prepare",
  description: "Makes aerial photographs of an invented countryside, with masks of its land cover",
  version: 1,
  config,
  inputs: {},
  outputs: {
    images: {
      type: "images",
      description:
        "GeoTIFFs in images/ and masks/ (0 background, 1 building, 2 woodland, 3 water, " +
        "4 road), EPSG:2180",
    },
  },
  resources: () => ({ cpus: 1, memory: "1GiB" }),
  async run(context): Promise<void> {
    const { synthesize } = await import("./synthesize.ts");
    await synthesize(context);
  },
});
