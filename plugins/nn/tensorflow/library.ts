// Loads TensorFlow.js when it is asked for: it is large, and slower than what trains otherwise. Its packages are named
// by variables, because Deno loads what a literal import names before the program starts; the type imports keep
// their versions in the plugin's fingerprint.
import type * as Wasm from "@tensorflow/tfjs-backend-wasm";
import type * as Webgpu from "@tensorflow/tfjs-backend-webgpu";
import { registerFilterGradient } from "./filter_gradient.ts";
import type { TensorFlow } from "./tensorflow.ts";

/** What TensorFlow.js computes on by itself: WebAssembly on a processor, or any GPU. */
export type OwnDevice = "cpu" | "webgpu";

const CORE = "@tensorflow/tfjs";
const BACKENDS = {
  cpu: { module: "@tensorflow/tfjs-backend-wasm", name: "wasm" },
  webgpu: { module: "@tensorflow/tfjs-backend-webgpu", name: "webgpu" },
} as const;

/** Loads the library with its backend for a device, which is then the one of this process. */
export async function loadTensorFlow(device: OwnDevice): Promise<TensorFlow> {
  const tf = await import(CORE) as TensorFlow;
  const { module, name } = BACKENDS[device];
  const backend = await import(module) as typeof Wasm | typeof Webgpu;
  if ("setWasmPaths" in backend) {
    const address = await wasmAddress(module);
    backend.setWasmPaths(Object.fromEntries(WASM_FILES.map((file) => [file, address])), true);
    registerFilterGradient(tf);
  }
  return await startBackend(tf, name);
}

/** Makes a registered backend the one that computes; rejects where it cannot start. */
export async function startBackend(tf: TensorFlow, name: string): Promise<TensorFlow> {
  // It would go on with another one, hundreds of times slower.
  if (!await tf.setBackend(name)) {
    throw new Error(`TensorFlow.js cannot start its backend "${name}"`);
  }
  return tf;
}

/** The build for processors with vector instructions, which all have on which Deno runs. */
const WASM_FILE = "tfjs-backend-wasm-simd.wasm";
/** What the library could ask for; it gets the one above. */
const WASM_FILES = [
  WASM_FILE,
  "tfjs-backend-wasm.wasm",
  "tfjs-backend-wasm-threaded-simd.wasm",
] as const;

/** Imports the backend's binary: the sandbox of a step lets it be imported, but not be read as a file. */
async function wasmAddress(backend: string): Promise<string> {
  const file = new URL(WASM_FILE, import.meta.resolve(backend)).href;
  const { default: bytes } = await import(file, { with: { type: "bytes" } });
  return URL.createObjectURL(new Blob([bytes], { type: "application/wasm" }));
}
