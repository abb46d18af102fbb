// What TensorFlow.js computes on: the native library where a folder has it, any GPU by Deno's WebGPU, or WebAssembly.
import {
  chooseDevice,
  type ChosenDevice,
  type DeviceProbes,
  isWebgpuImitated,
  WEBGPU_HINT,
} from "../devices.ts";
import type { Device } from "../runtime.ts";
import { type Addon, loadAddon } from "./addon.ts";
import { loadTensorFlow } from "./library.ts";
import { installHint } from "./packages.ts";
import type { TensorFlow } from "./tensorflow.ts";

/** TensorFlow.js with its device. */
export interface ChosenTensorFlow extends ChosenDevice {
  /** Loads it, unless that has been done, and makes the device its own. */
  readonly load: () => Promise<TensorFlow>;
}

/** Chooses; throws StepError where a named device, or what `addonFolder` should hold, is missing. */
export async function chooseTensorFlow(
  wish: Device | "auto",
  addonFolder: string | undefined,
): Promise<ChosenTensorFlow> {
  const addon = addonFolder === undefined ? undefined : loadAddon(addonFolder);
  const { device, why } = await chooseDevice(wish, probesWith(addon, addonFolder));
  if (device === addon?.device) {
    return { device, why: `${why}; ${addon.name} computes`, load: addon.start };
  }
  const own = device === "webgpu" ? device : "cpu"; // cuda is the addon's alone
  return { device, why: `${why}; TensorFlow.js computes`, load: () => loadTensorFlow(own) };
}

/** Looks at devices as TensorFlow.js sees them. */
function probesWith(addon: Addon | undefined, folder: string | undefined): DeviceProbes {
  const gpu = addon === undefined
    ? 'it needs @tensorflow/tfjs-node-gpu, and no "addon" is set'
    : addon.device === "cuda"
    ? undefined
    : `${addon.name} sees no GPU of NVIDIA`;
  return {
    refusal: async (device) => {
      if (device === "cpu") return undefined;
      if (device === "cuda") return gpu;
      return await navigator.gpu.requestAdapter() === null ? "Deno finds no adapter" : undefined;
    },
    isWebgpuImitated,
    hintFor: (device) => Promise.resolve(device === "cuda" ? installHint(folder) : WEBGPU_HINT),
  };
}
