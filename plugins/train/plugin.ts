// Declares the plugin that trains a U-Net on tiles.
import { definePlugin, runtimeOnly, z } from "../../engine/plugin.ts";
import { nativeLibraries } from "../permissions.ts";

const DEVICES = ["auto", "cpu"] as const;

const config = z.strictObject({
  epochs: z.int().min(1).max(10_000).default(20).describe("passes over the training tiles"),
  batch: z.int().min(1).max(256).default(8).describe("tiles per training step"),
  base: z.int().min(1).max(128).default(16)
    .describe("channels of the first block; each level down doubles them"),
  depth: z.int().min(1).max(6).default(4)
    .describe("how often the image is halved; the tile's edge must be a multiple of 2^depth"),
  "learning-rate": z.number().positive().max(1).default(1e-3)
    .describe("size of the first steps of Adam"),
  schedule: z.enum(["cosine", "constant"]).default("cosine")
    .describe("whether the learning rate falls to zero along a cosine or stays"),
  augment: z.boolean().default(true).describe("flip training tiles at random"),
  patience: z.int().min(1).optional()
    .describe("epochs without a better validation mean IoU after which training stops"),
  device: z.enum(DEVICES, {
    error: (issue) => `Training runs on "cpu" ("auto" chooses it), not on ${quoted(issue.input)}`,
  }).default("auto").describe("what computes; only processors so far"),
  threads: runtimeOnly(z.int().min(1).max(256).optional())
    .describe("processor threads; all that the step is granted by default"),
});

export type TrainOptions = z.output<typeof config>;

/** Trains a U-Net and keeps the weights of the epoch with the best mean IoU on the validation tiles. */
export const trainPlugin = definePlugin({
  name: "train",
  kind: "train",
  description: "Trains a U-Net for land cover on tiles",
  version: 1,
  config,
  inputs: { tiles: { type: "tiles", description: "tiles with masks, split into train and val" } },
  outputs: {
    model: { type: "model", description: "model.onnx, weights.safetensors and model.json" },
    history: { type: "history", description: "history.json: losses and IoU of every epoch" },
  },
  permissions: nativeLibraries,
  resources: ({ threads }) => ({ cpus: threads ?? "all", memory: "4GiB" }),
  async run(context): Promise<void> {
    const { train } = await import("./train.ts");
    await train(context);
  },
});

function quoted(value: unknown): string {
  return JSON.stringify(value) ?? "nothing";
}
