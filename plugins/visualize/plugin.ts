// Declares `visualize`: pictures and a page that show people how a model does, and where it fails.
import { definePlugin, z } from "../../engine/plugin.ts";
import { nativeLibraries } from "../permissions.ts";

const config = z.strictObject({
  title: z.string().min(1).max(200).default("Land cover model").describe("headline of the report"),
  split: z.enum(["train", "val", "test"]).default("test").describe("which tiles to show"),
  pick: z.array(z.enum(["best", "worst", "random"])).min(1).default(["best", "worst", "random"])
    .describe("which of them: by mean IoU (best: among tiles of several classes), or at random"),
  count: z.int().min(1).max(50).default(3).describe("tiles for each pick"),
  edge: z.int().min(64).max(1024).default(320).describe("edge of a picture, pixels"),
  opacity: z.number().min(0).max(1).default(0.6)
    .describe("how much class colours cover the image, 0 to 1"),
});

export type VisualizeOptions = z.output<typeof config>;

/** Draws tiles beside truth, prediction and errors, and writes a self-contained report. */
export const visualizePlugin = definePlugin({
  name: "visualize",
  kind: "visualize",
  description: "Draws the best, worst and random tiles, learning curves and a report",
  version: 1,
  config,
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
    figures: { type: "figures", description: "report.html, panels/ and curves.png" },
  },
  permissions: nativeLibraries,
  resources: () => ({ cpus: 2, memory: "2GiB" }),
  async run(context): Promise<void> {
    const { visualize } = await import("./visualize.ts");
    await visualize(context);
  },
});
