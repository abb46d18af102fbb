// The options of `train`.
import { type Port, runtimeOnly, type StepContext, z } from "../../engine/plugin.ts";

const DEVICES = ["auto", "cpu"] as const;

/** What a workflow may set. */
export const trainOptions = z.strictObject({
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

/** The options with their defaults filled in. */
export type TrainOptions = z.output<typeof trainOptions>;

/** What the train step may touch. */
export type TrainContext = StepContext<
  TrainOptions,
  { tiles: Port },
  { model: Port; history: Port }
>;

function quoted(value: unknown): string {
  return JSON.stringify(value) ?? "nothing";
}
