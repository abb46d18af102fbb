// Which of the two runtimes trains, on which device, and in which precision.
import { StepError } from "../../engine/plugin.ts";
import { chooseDevice } from "../nn/devices.ts";
import { choosePrecision, type Precision } from "../nn/precision.ts";
import type { Device } from "../nn/runtime.ts";
import { createTrainer, type Trainer, type TrainerOptions } from "../nn/training/trainer.ts";
import { unet } from "../nn/unet.ts";
import type { TrainOptions } from "./options.ts";

/** A runtime on its device. */
export interface ChosenRuntime {
  readonly device: Device;
  readonly precision: Precision;
  /** For the log: what was chosen, and why. */
  readonly reasons: readonly string[];
  readonly createTrainer: (
    options: Omit<TrainerOptions, "device" | "precision">,
  ) => Promise<Trainer>;
}

/** Chooses device and precision for the runtime that is asked for; loads TensorFlow.js only for itself. */
export async function chooseRuntime(
  { runtime, device: wish, precision: wanted, addon }: Pick<
    TrainOptions,
    "runtime" | "device" | "precision" | "addon"
  >,
): Promise<ChosenRuntime> {
  if (runtime === "onnx") {
    const { device, why } = await chooseDevice(wish);
    const { precision, why: because } = await choosePrecision(wanted, device);
    return {
      device,
      precision,
      reasons: [why, because],
      createTrainer: (options) => createTrainer({ ...options, device, precision }),
    };
  }
  const { chooseTensorFlow } = await import("../nn/tensorflow/choice.ts");
  const { device, why, load } = await chooseTensorFlow(wish, addon);
  return {
    device,
    precision: "float32",
    reasons: [`${why}, in float32`],
    createTrainer: async (options) => {
      if (options.design !== unet) {
        throw new StepError("TensorFlow.js trains the U-Net alone", {
          hint: 'Leave out "runtime"',
        });
      }
      const { createTensorFlowTrainer } = await import("../nn/tensorflow/trainer.ts");
      return createTensorFlowTrainer(await load(), options);
    },
  };
}
