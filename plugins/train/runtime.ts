// Which of the two runtimes trains, and on which device.
import { StepError } from "../../engine/plugin.ts";
import { chooseDevice, type ChosenDevice } from "../nn/devices.ts";
import { createTrainer, type Trainer, type TrainerOptions } from "../nn/training/trainer.ts";
import { unet } from "../nn/unet.ts";
import type { TrainOptions } from "./options.ts";

/** A runtime on its device. */
export interface ChosenRuntime extends ChosenDevice {
  readonly createTrainer: (options: Omit<TrainerOptions, "device">) => Promise<Trainer>;
}

/** Chooses the device for the runtime that is asked for; loads TensorFlow.js only for itself. */
export async function chooseRuntime(
  { runtime, device: wish, addon }: Pick<TrainOptions, "runtime" | "device" | "addon">,
): Promise<ChosenRuntime> {
  if (runtime === "onnx") {
    const { device, why } = await chooseDevice(wish);
    return { device, why, createTrainer: (options) => createTrainer({ ...options, device }) };
  }
  const { chooseTensorFlow } = await import("../nn/tensorflow/choice.ts");
  const { device, why, load } = await chooseTensorFlow(wish, addon);
  return {
    device,
    why,
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
