// Declares the plugin that trains a U-Net on tiles.
import { definePlugin } from "../../engine/plugin.ts";
import { nativeLibraries } from "../permissions.ts";
import { checkTrainOptions, trainOptions } from "./options.ts";

/** Trains a U-Net and keeps the weights of the epoch with the best mean IoU on the validation tiles. */
export const trainPlugin = definePlugin({
  name: "train",
  kind: "train",
  description: "Trains a U-Net for land cover on tiles",
  version: 1,
  config: trainOptions,
  inputs: {
    tiles: {
      type: "tiles",
      description: "tiles with masks, split into train and val",
      refuses: "test",
    },
    start: {
      type: "model",
      description: "a model to train on from",
      optional: true,
      refuses: "test",
    },
  },
  outputs: {
    model: { type: "model", description: "model.onnx, weights.safetensors and model.json" },
    history: { type: "history", description: "history.json: losses and IoU of every epoch" },
  },
  permissions: { ...nativeLibraries, sys: [...nativeLibraries.sys, "systemMemoryInfo"] },
  resources: ({ threads, device }) => ({
    cpus: threads ?? "all",
    memory: "4GiB",
    gpus: device === "cpu" ? 0 : device === "cuda" ? 1 : "any",
  }),
  check: checkTrainOptions,
  async run(context): Promise<void> {
    const { train } = await import("./train.ts");
    await train(context);
  },
});
