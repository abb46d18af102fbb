// Declares `test`: how well a trained model does on tiles that it never saw.
import { definePlugin, runtimeOnly, z } from "../../engine/plugin.ts";
import { nativeLibraries } from "../permissions.ts";

const config = z.strictObject({
  split: z.enum(["train", "val", "test"]).default("test")
    .describe("which tiles to predict"),
  batch: runtimeOnly(z.int().min(1).max(64).default(4))
    .describe("tiles that go through the network at once"),
});

export type TestOptions = z.output<typeof config>;

/** Predicts every tile of a split and compares with the masks. */
export const testPlugin = definePlugin({
  name: "test",
  kind: "test",
  description: "Scores a model: precision, recall, F1 and IoU per class, confusion matrix",
  version: 1,
  config,
  inputs: {
    model: { type: "model", description: "the model to score" },
    tiles: { type: "tiles", description: "tiles with masks, as the model was trained on" },
  },
  outputs: {
    metrics: { type: "scores", description: "metrics.json, metrics.md and confusion.png" },
  },
  permissions: nativeLibraries,
  resources: () => ({ cpus: "all", memory: "2GiB" }),
  async run(context): Promise<void> {
    const { test } = await import("./test.ts");
    await test(context);
  },
});
