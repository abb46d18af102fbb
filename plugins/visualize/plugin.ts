// Declares `visualize`: pictures and a page that show people how a model does, and where it fails.
import { definePlugin } from "../../engine/plugin.ts";
import { nativeLibraries } from "../permissions.ts";
import { visualizeOptions } from "./options.ts";

/** Draws tiles beside truth, prediction and errors, and writes a self-contained report. */
export const visualizePlugin = definePlugin({
  name: "visualize",
  kind: "visualize",
  description: "Draws the best, worst and random tiles, learning curves and a report",
  version: 1,
  config: visualizeOptions,
  inputs: {
    model: { type: "model", description: "the model to show" },
    tiles: { type: "tiles", description: "tiles with masks, as the model was trained on" },
    scores: {
      type: "scores",
      description: "scores of the same split; without them every tile is predicted",
      optional: true,
    },
    history: { type: "history", description: "learning curves of the model", optional: true },
  },
  outputs: {
    figures: {
      type: "figures",
      description: "report.html, panels/ and curves.png",
      reveals: { option: "split" },
    },
  },
  permissions: nativeLibraries,
  resources: () => ({ cpus: 2, memory: "2GiB" }),
  async run(context): Promise<void> {
    const { visualize } = await import("./visualize.ts");
    await visualize(context);
  },
});
