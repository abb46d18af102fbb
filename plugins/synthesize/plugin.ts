// Declares the plugin that makes aerial photographs with masks, so that a first run needs no download.
import { definePlugin } from "../../engine/plugin.ts";
import { synthesizeOptions } from "./options.ts";

/** Makes seeded orthophotos and masks like LandCover.ai's, with the same five classes. */
export const synthesizePlugin = definePlugin({
  name: "synthesize",
  kind: "prepare",
  description: "Makes aerial photographs of an invented countryside, with masks of its land cover",
  version: 1,
  config: synthesizeOptions,
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
