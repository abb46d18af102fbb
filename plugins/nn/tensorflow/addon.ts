// TensorFlow's native library for TensorFlow.js, in a folder into which somebody had npm install it: far too large to
// come with cairn. It computes on one GPU of NVIDIA, or on the processors.
import { createRequire } from "node:module";
import util from "node:util";
import { StepError } from "../../../engine/plugin.ts";
import { startBackend } from "./library.ts";
import { installHint, PACKAGES } from "./packages.ts";
import type { TensorFlow } from "./tensorflow.ts";

/** TensorFlow's native library, with TensorFlow.js in front. */
export interface Addon {
  readonly device: "cpu" | "cuda";
  /** For the log, such as `@tensorflow/tfjs-node 4.22.0 with TensorFlow 2.9.1`. */
  readonly name: string;
  /** Makes it what the library computes on. */
  readonly start: () => Promise<TensorFlow>;
}

const BINDING = "lib/napi-v8/tfjs_binding.node";
const BACKEND = "tensorflow";
const PRIORITY = 3;

interface Backend {
  readonly isGPUPackage: boolean;
  readonly isUsingGpuDevice: boolean;
}

/** The parts of the package that are used; its entry would set variables, which a step's sandbox forbids. */
interface Parts {
  readonly tf: TensorFlow;
  readonly binding: { readonly TF_Version: string };
  readonly backend: Backend;
}

/** Loads the addon from a folder that holds `node_modules`; throws StepError that says what is missing. */
export function loadAddon(folder: string): Addon {
  const found = PACKAGES.find((name) => isFile(`${packageFolder(folder, name)}/package.json`));
  if (found === undefined) {
    throw new StepError(`"${folder}" holds neither ${PACKAGES.join(" nor ")}`, {
      hint: installHint(folder),
    });
  }
  const home = packageFolder(folder, found);
  if (!isFile(`${home}/${BINDING}`)) {
    throw new StepError(`${found} in "${folder}" is there without its addon, ${BINDING}`, {
      hint: `Let its install script run: npm rebuild --prefix ${folder} ${found}`,
    });
  }
  const { tf, binding, backend } = loadParts(home, found);
  const { version } = JSON.parse(Deno.readTextFileSync(`${home}/package.json`));
  return {
    device: backend.isGPUPackage && backend.isUsingGpuDevice ? "cuda" : "cpu",
    name: `${found} ${version} with TensorFlow ${binding.TF_Version}`,
    start: () => startBackend(tf, BACKEND),
  };
}

function loadParts(home: string, name: string): Parts {
  provideRemovedHelpers();
  const load = createRequire(`${home}/package.json`);
  try {
    const tf: TensorFlow = load("@tensorflow/tfjs");
    load("./dist/register_all_kernels");
    const { NodeJSKernelBackend } = load("./dist/nodejs_kernel_backend");
    const binding = load(`./${BINDING}`);
    const backend = new NodeJSKernelBackend(binding, name);
    tf.registerBackend(BACKEND, () => backend, PRIORITY);
    return { tf, binding, backend };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new StepError(`${name} in "${home}" cannot be loaded: ${error.message}`, {
      hint: "Install what it misses, on a GPU the CUDA and cuDNN that its TensorFlow names; " +
        'or leave out "addon"',
    });
  }
}

/** What the package calls and newer versions of Node.js, and Deno with them, no longer have. */
function provideRemovedHelpers(): void {
  const helpers: Record<string, unknown> = util;
  helpers["isNullOrUndefined"] ??= (value: unknown) => value === null || value === undefined;
  helpers["isArray"] ??= Array.isArray;
}

function packageFolder(folder: string, name: string): string {
  return `${folder}/node_modules/${name}`;
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      return false;
    }
    throw error;
  }
}
