// What computes: the best device that is here, or the one that is named. A named device that is missing is an
// error, never another device.
import { StepError } from "../../engine/plugin.ts";
import { Graph } from "./graph/graph.ts";
import { add } from "./graph/operators.ts";
import { createSession, type Device } from "./runtime.ts";

/** The device that was chosen. */
export interface ChosenDevice {
  readonly device: Device;
  /** For the log, such as `Device "auto" is cpu: …`. */
  readonly why: string;
}

/** How devices are looked at. */
export interface DeviceProbes {
  /** Says why a device cannot compute; undefined where it can. */
  readonly refusal: (device: Device) => Promise<string | undefined>;
  /** Says whether WebGPU is an imitation on the processors. */
  readonly isWebgpuImitated: () => Promise<boolean>;
  /** Says what to install where a device is missing. */
  readonly hintFor: (device: Device) => Promise<string>;
}

/** What to install where WebGPU is missing. */
export const WEBGPU_HINT =
  "Install the Vulkan loader and a driver for the GPU, on Debian libvulkan1 " +
  'and mesa-vulkan-drivers (25 or newer); or set "device" to auto';

/** Chooses the device; throws StepError that says what to install where a named one is missing. */
export async function chooseDevice(
  wish: Device | "auto",
  probes = onnxProbes,
): Promise<ChosenDevice> {
  if (wish === "auto") return await best(probes);
  const refusal = await probes.refusal(wish);
  if (refusal !== undefined) {
    throw new StepError(`Device "${wish}" cannot be used: ${refusal}`, {
      hint: await probes.hintFor(wish),
    });
  }
  const imitated = wish === "webgpu" && await probes.isWebgpuImitated();
  const but = imitated ? ", which software imitates on the processors here" : "";
  return { device: wish, why: `Device ${wish}, as asked for${but}` };
}

async function best(probes: DeviceProbes): Promise<ChosenDevice> {
  const cuda = await probes.refusal("cuda");
  if (cuda === undefined) return { device: "cuda", why: 'Device "auto" is cuda' };
  const webgpu = await probes.isWebgpuImitated()
    ? "WebGPU finds no GPU"
    : await probes.refusal("webgpu");
  if (webgpu === undefined) return { device: "webgpu", why: `Device "auto" is webgpu: ${cuda}` };
  return { device: "cpu", why: `Device "auto" is cpu: ${cuda}; ${webgpu}` };
}

async function hintFor(device: Device): Promise<string> {
  if (device === "webgpu") return WEBGPU_HINT;
  const { env } = await import("onnxruntime-node");
  return "Put libonnxruntime_providers_cuda.so and libonnxruntime_providers_shared.so of ONNX Runtime " +
    `${env.versions.node}, which the PyPI wheel onnxruntime-gpu holds, into "${libraryFolder()}", and ` +
    'install CUDA and cuDNN of the versions that they name; or set "device" to auto';
}

/** Where ONNX Runtime looks for what is no part of its npm package. */
function libraryFolder(): string {
  const { os, arch } = Deno.build;
  const folder = new URL(
    `../bin/napi-v6/${os}/${arch === "x86_64" ? "x64" : "arm64"}`,
    import.meta.resolve("onnxruntime-node"),
  );
  return decodeURIComponent(folder.pathname);
}

/** Looks at devices as ONNX Runtime sees them. */
export const onnxProbes: DeviceProbes = {
  refusal: async (device) => {
    if (device === "cpu") return undefined;
    const graph = new Graph();
    graph.output("y", add(graph.input("x", "float32", [1]), 1));
    try {
      const run = { threads: 1, weights: "fed", device } as const;
      await (await createSession(graph.encode(17), run))[Symbol.asyncDispose]();
      return undefined;
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      return device === "cuda"
        ? "ONNX Runtime cannot load its CUDA provider, or sees no GPU of NVIDIA"
        : "ONNX Runtime finds no adapter that it supports";
    }
  },
  isWebgpuImitated,
  hintFor,
};

/** Says whether WebGPU has no GPU here, or only one that software imitates. */
export async function isWebgpuImitated(): Promise<boolean> {
  const adapter = await navigator.gpu.requestAdapter({ powerPreference: "high-performance" });
  return adapter?.info.isFallbackAdapter ?? true;
}
