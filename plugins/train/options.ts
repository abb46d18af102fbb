// The options of `train`, and what can be wrong with them before anything runs.
import {
  monotone,
  type OptionProblem,
  path,
  type Port,
  runtimeOnly,
  type StepContext,
  z,
} from "../../engine/plugin.ts";
import { installHint } from "../nn/tensorflow/packages.ts";
import type { LossName } from "../nn/training/losses.ts";
import type { OptimiserSettings } from "../nn/training/optimisers.ts";
import type { Augmentation } from "./data/views.ts";

const DEVICES = ["auto", "cpu", "webgpu", "cuda"] as const;

const PRECISIONS = ["auto", "float32", "mixed"] as const;

const loss = z.enum(["cross-entropy", "dice", "focal"]);

/** What a workflow may set. */
export const trainOptions = z.strictObject({
  // Along a cosine every step depends on where it ends.
  epochs: monotone(z.int().min(1).max(10_000).default(20), { when: { schedule: "constant" } })
    .describe("passes over the training tiles"),
  batch: z.int().min(1).max(256).default(8).describe("tiles per training step"),
  base: z.int().min(1).max(128).default(16)
    .describe("channels of the first block; each level down doubles them"),
  depth: z.int().min(1).max(6).default(4)
    .describe("how often the image is halved; the tile's edge must be a multiple of 2^depth"),
  weights: path("file").optional().describe(
    "weights to start from: a .pth, .pt or .ckpt of PyTorch, of which nothing is run, or .safetensors",
  ),
  loss: z.union([loss, z.array(loss).min(1)]).default("cross-entropy")
    .describe("what training makes small, cross-entropy, dice or focal; a list is their sum"),
  "class-weights": z.union([
    z.enum(["equal", "balanced"]),
    z.record(z.string(), z.number().min(0).max(10_000)),
  ]).default("equal").describe(
    "how much a pixel of each class counts in cross-entropy and focal: equal, balanced by how rare " +
      "the class is, or a table such as { road: 4 }, others 1",
  ),
  ignore: z.array(z.string().min(1)).default([])
    .describe("names of classes that count as no label, in the loss and in the mean IoU"),
  optimizer: z.enum(["adam", "adamw", "sgd"]).default("adam").describe(
    "rule by which weights learn",
  ),
  "learning-rate": z.number().positive().max(1).default(1e-3)
    .describe("size of the first steps; sgd wants about ten times that of adam"),
  "weight-decay": z.number().min(0).max(1).optional()
    .describe("pull of the weights towards zero; 0.01 for adamw, 0 for the others by default"),
  momentum: z.number().min(0).lt(1).optional()
    .describe("share of the last step that sgd goes on with; 0.9 by default"),
  schedule: z.enum(["cosine", "constant"]).default("cosine")
    .describe("whether the learning rate falls to zero along a cosine or stays"),
  warmup: z.number().min(0).max(1000).default(0)
    .describe("epochs in which the learning rate rises from zero first"),
  augment: z.union([
    z.boolean(),
    z.strictObject({
      flip: z.boolean().default(false).describe("mirrored along either axis or not"),
      turn: z.boolean().default(false).describe("turned by a multiple of 90 degrees"),
      light: z.boolean().default(false).describe("brightness and contrast"),
      crop: z.boolean().default(false).describe("half of the tiles: a random part, enlarged"),
    }),
  ]).default(true).describe(
    "how training tiles change at random: true for flips, false for not at all, or a table such as " +
      "{ flip: true, turn: true, light: true, crop: true }",
  ),
  patience: z.int().min(1).optional()
    .describe("epochs without a better validation mean IoU after which training stops"),
  device: z.enum(DEVICES, {
    error: (issue) => `Training runs on ${DEVICES.join(", ")}, not on ${quoted(issue.input)}`,
  }).default("auto").describe(
    "what computes: the processors, any GPU by webgpu, one of NVIDIA by cuda; auto takes the last that " +
      "is here",
  ),
  precision: z.enum(PRECISIONS, {
    error: (issue) =>
      `Training computes in precision ${PRECISIONS.join(", ")}, not ${quoted(issue.input)}`,
  }).default("auto").describe(
    "float32, or for GPUs mixed: convolutions in float16; sums, loss and weights in float32; auto is " +
      "mixed where the device has float16",
  ),
  runtime: z.enum(["onnx", "tfjs"]).default("onnx").describe(
    "what trains: ONNX Runtime, or TensorFlow.js, which is slower and fetched when it is asked for",
  ),
  addon: path("folder").optional().describe(
    "folder into which npm has installed @tensorflow/tfjs-node-gpu, or tfjs-node: what computes for tfjs",
  ),
  threads: runtimeOnly(z.int().min(1).max(256).optional())
    .describe("processor threads; all that the step is granted by default"),
});

/** The options with their defaults filled in. */
export type TrainOptions = z.output<typeof trainOptions>;

/** What the train step may touch. */
export type TrainContext = StepContext<
  TrainOptions,
  { tiles: Port; start: Port & { readonly optional: true } },
  { model: Port; history: Port }
>;

/** Gives the summands of the loss. */
export function losses({ loss }: Pick<TrainOptions, "loss">): readonly LossName[] {
  return typeof loss === "string" ? [loss] : loss;
}

const ADAMW_DECAY = 0.01;
const MOMENTUM = 0.9;

/** Gives the optimiser with its numbers. */
export function optimiserSettings(options: TrainOptions): OptimiserSettings {
  const { optimizer: name, momentum = MOMENTUM } = options;
  const usualDecay = name === "adamw" ? ADAMW_DECAY : 0;
  return { name, weightDecay: options["weight-decay"] ?? usualDecay, momentum };
}

/** Gives what may change from one showing of a training tile to the next. */
export function augmentation({ augment }: Pick<TrainOptions, "augment">): Augmentation {
  if (typeof augment !== "boolean") return augment;
  return { flip: augment, turn: false, light: false, crop: false };
}

/** Finds problems that concern several options. */
export function checkTrainOptions(options: TrainOptions): OptionProblem[] {
  return [
    ...checkOptimizer(options),
    ...checkLoss(options),
    ...checkWarmup(options),
    ...checkRuntime(options),
    ...checkPrecision(options),
  ];
}

function checkRuntime({ runtime, device, addon }: TrainOptions): OptionProblem[] {
  if (runtime === "onnx") {
    if (addon === undefined) return [];
    return [{
      path: ["addon"],
      message: "It is for the runtime tfjs",
      hint: 'Leave it out, or set "runtime" to tfjs',
    }];
  }
  if (device !== "cuda" || addon !== undefined) return [];
  return [{
    path: ["device"],
    message:
      "TensorFlow.js computes on cuda by @tensorflow/tfjs-node-gpu alone, and no addon is set",
    hint: `${installHint()}; or leave out "runtime"`,
  }];
}

function checkPrecision({ precision, runtime, device }: TrainOptions): OptionProblem[] {
  if (precision !== "mixed") return [];
  if (runtime === "tfjs") {
    return [{
      path: ["precision"],
      message: "TensorFlow.js computes in float32 here",
      hint: 'Leave out "runtime", or set "precision" to float32',
    }];
  }
  if (device !== "cpu") return [];
  return [{
    path: ["precision"],
    message: "Mixed precision is for GPUs, not for the device cpu",
    hint: 'Set "device" to cuda or webgpu, or "precision" to auto',
  }];
}

function checkOptimizer({ optimizer, momentum }: TrainOptions): OptionProblem[] {
  if (momentum === undefined || optimizer === "sgd") return [];
  return [{
    path: ["momentum"],
    message: `It is for the optimizer sgd, not ${optimizer}`,
    hint: 'Leave it out, or set "optimizer" to sgd',
  }];
}

function checkLoss(options: TrainOptions): OptionProblem[] {
  return losses(options).flatMap((name, index, all) =>
    all.indexOf(name) === index
      ? []
      : [{ path: ["loss", index], message: `Loss "${name}" is named twice` }]
  );
}

function checkWarmup({ warmup, epochs }: TrainOptions): OptionProblem[] {
  if (warmup === 0 || warmup < epochs) return [];
  return [{
    path: ["warmup"],
    message: `A warm-up of ${warmup} epochs is not over when ${epochs} epochs are`,
    hint: `Set "warmup" below ${epochs}, or raise "epochs"`,
  }];
}

function quoted(value: unknown): string {
  return JSON.stringify(value) ?? "nothing";
}
