// Declares `prepare`: from images and masks of any size to equal square tiles.
import { definePlugin } from "../../engine/plugin.ts";
import { nativeLibraries } from "../permissions.ts";
import { checkPrepareOptions, prepareOptions } from "./options.ts";

/** Cuts images and masks into tiles, relabels them and divides them into train, val and test. */
export const preparePlugin = definePlugin({
  name: "prepare",
  kind: "prepare",
  description: "Cuts images and their masks into tiles and splits them for training",
  version: 1,
  config: prepareOptions,
  inputs: {
    source: {
      type: "images",
      description: "folder with images/ and masks/, instead of the options of these names",
      optional: true,
    },
  },
  outputs: {
    tiles: {
      type: "tiles",
      description: "images/, masks/, tiles.json and the lists of each split",
    },
  },
  permissions: nativeLibraries,
  resources: () => ({ cpus: "all", memory: "1GiB" }),
  check: checkPrepareOptions,
  async run(context): Promise<void> {
    const { prepare } = await import("./prepare.ts");
    await prepare(context);
  },
});
