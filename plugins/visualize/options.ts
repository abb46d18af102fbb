// The options of `visualize`.
import { z } from "../../engine/plugin.ts";

/** Checks the options and fills their defaults. */
export const visualizeOptions = z.strictObject({
  title: z.string().min(1).max(200).default("Land cover model").describe("headline of the report"),
  split: z.enum(["train", "val", "test"]).default("test").describe("which tiles to show"),
  pick: z.array(z.enum(["best", "worst", "random"])).min(1).default(["best", "worst", "random"])
    .describe("which of them: by mean IoU (best: among tiles of several classes), or at random"),
  count: z.int().min(1).max(50).default(3).describe("tiles for each pick"),
  edge: z.int().min(64).max(1024).default(320).describe("edge of a picture, pixels"),
  opacity: z.number().min(0).max(1).default(0.6)
    .describe("how much class colours cover the image, 0 to 1"),
});

export type VisualizeOptions = z.output<typeof visualizeOptions>;
