// Whether training computes in mixed precision: where the device has it, or where it is named. Named for a device
// without it, it is an error, never float32 instead.
import { StepError } from "../../engine/plugin.ts";
import { Graph } from "./graph/graph.ts";
import { inHalfPrecision } from "./onnx/half_precision.ts";
import { encodeModel } from "./onnx/model.ts";
import type { HalfOptions } from "./onnx/node_precision.ts";
import { createSession, type Device, tensorMaker } from "./runtime.ts";

/** All in float32; or what is heavy in float16, and sums, loss, weights and optimiser in float32. */
export type Precision = "float32" | "mixed";

/** The precision that was chosen. */
export interface ChosenPrecision {
  readonly precision: Precision;
  /** For the log, such as `Precision "auto" is float32: …`. */
  readonly why: string;
}

/** Says why a device has no mixed precision; undefined where it has. */
export type PrecisionProbe = (device: Device) => Promise<string | undefined>;

/** Chooses the precision for a device; throws StepError where mixed is named and the device does not have it. */
export async function choosePrecision(
  wish: Precision | "auto",
  device: Device,
  refusal: PrecisionProbe = refusalOf,
): Promise<ChosenPrecision> {
  if (wish === "float32") return { precision: wish, why: "Precision float32, as asked for" };
  const missing = await refusal(device);
  if (missing === undefined) {
    const why = wish === "mixed" ? "Precision mixed, as asked for" : 'Precision "auto" is mixed';
    return { precision: "mixed", why: `${why}: ${device} computes in float16` };
  }
  if (wish === "auto") {
    return { precision: "float32", why: `Precision "auto" is float32: ${missing}` };
  }
  throw new StepError(`Precision "mixed" cannot be used: ${missing}`, {
    hint: 'Set "precision" to auto or float32, or "device" to one that computes in float16',
  });
}

/** Most products that WebGPU sums in float16; ONNX Runtime's programs add up in the type that they multiply. */
const LONGEST_SUM_ON_WEBGPU = 8192;

/** Says how much of a graph a device can be given in float16. */
export function halfOptionsFor(device: Device): HalfOptions {
  return { longestSum: device === "webgpu" ? LONGEST_SUM_ON_WEBGPU : Infinity };
}

/** Looks by letting the device compute: what an adapter is said to have is not always what a session gets. */
async function refusalOf(device: Device): Promise<string | undefined> {
  if (device === "cpu") return "the processors gain nothing by float16";
  const graph = new Graph();
  const shape = [1, 1, 1, 1];
  const x = graph.input("x", "float32", shape);
  graph.output("y", graph.node("Conv", [x, x], { shape }));
  const model = encodeModel(inHalfPrecision(graph.model(17), halfOptionsFor(device)));
  try {
    await using session = await createSession(model, { threads: 1, weights: "fed", device });
    const makeTensor = await tensorMaker();
    await session.run({ x: makeTensor(Float32Array.of(1), shape) }, ["y"]);
    return undefined;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return device === "webgpu"
      ? "the adapter of webgpu lacks shader-f16"
      : `ONNX Runtime does not compute in float16 on ${device}`;
  }
}
