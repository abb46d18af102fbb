// Declares `test`: how well a trained model does on tiles that it never saw.
import { definePlugin } from "../../engine/plugin.ts";
import { nativeLibraries } from "../permissions.ts";
import { testOptions } from "./options.ts";

/** Predicts every tile of a split and compares with the masks. */
export const testPlugin = definePlugin({
  name: "test",
  kind: "test",
  description: "Scores a model: precision, recall, F1 and IoU per class, confusion matrix",
  version: 1,
  config: testOptions,
  inputs: {
    model: { type: "model", description: "the model to score" },
    tiles: { type: "tiles", description: "tiles with masks, as the model was trained on" },
  },
  outputs: {
    metrics: {
      type: "scores",
      description: "metrics.json, metrics.md and confusion.png",
      reveals: { option: "split" },
    },
  },
  permissions: nativeLibraries,
  resources: () => ({ cpus: "all", memory: "2GiB" }),
  async run(context): Promise<void> {
    const { test } = await import("./test.ts");
    await test(context);
  },
});
