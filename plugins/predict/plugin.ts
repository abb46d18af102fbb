// Declares `predict`: a trained model on whole images, as maps for a GIS.
import { definePlugin } from "../../engine/plugin.ts";
import { nativeLibraries } from "../permissions.ts";
import { checkPredictOptions, predictOptions } from "./options.ts";

/** Predicts images of any size and writes class maps, probabilities, polygons and areas. */
export const predictPlugin = definePlugin({
  name: "predict",
  kind: "other",
  description: "Predicts whole images: class GeoTIFFs, polygons and the area of each class",
  version: 1,
  config: predictOptions,
  inputs: {
    model: { type: "model", description: "the model to predict with" },
    source: {
      type: "images",
      description: 'folder with images/, instead of the option "images"',
      optional: true,
    },
  },
  outputs: {
    maps: {
      type: "maps",
      description: "NAME.tif for each image, what the options add, summary.json and summary.csv",
    },
  },
  permissions: nativeLibraries,
  resources: () => ({ cpus: "all", memory: "2GiB" }),
  check: checkPredictOptions,
  async run(context): Promise<void> {
    const { predict } = await import("./predict.ts");
    await predict(context);
  },
});
