// Loads ONNX Runtime when the first session is made, and makes sessions.
import type { InferenceSession, Tensor } from "onnxruntime-node";

export type { InferenceSession, Tensor };

/** Processors, any GPU by WebGPU, or one of NVIDIA by CUDA. */
export type Device = "cpu" | "webgpu" | "cuda";

/** A compiled graph that can be run; dispose it to free its memory. */
export interface Session extends AsyncDisposable {
  /** Runs the graph. The calling thread is blocked meanwhile. */
  run(
    feeds: Readonly<Record<string, Tensor>>,
    fetches: readonly string[] | Readonly<Record<string, Tensor>>,
  ): Promise<Readonly<Record<string, Tensor>>>;
}

/** How a graph is run. */
export interface SessionOptions {
  readonly threads: number;
  /**
   * "inside" where weights are constants of the graph, which ONNX Runtime then lays out for its fastest
   * convolutions; "fed" where they are inputs, for which that only moves data to and fro.
   */
  readonly weights: "inside" | "fed";
  /** What computes; the processors unless said. */
  readonly device?: Device;
}

/**
 * Threads that spin between operators make a training step of 64² a seventh faster, and larger ones a
 * twentieth. They stop with the run, so as not to slow down what computes beside this.
 */
const SPINNING_WITHIN_A_RUN = { "intra_op.allow_spinning": "1", force_spinning_stop: "1" };

/** Compiles a model (bytes, or the path of a file) for a device; rejects where that is missing. */
export async function createSession(
  model: Uint8Array | string,
  { threads, weights, device = "cpu" }: SessionOptions,
): Promise<Session> {
  const { env, InferenceSession } = await import("onnxruntime-node");
  // What fails is thrown; the same words would be printed besides.
  env.logLevel = "fatal";
  // The declarations know a path or bytes, not "one of both".
  const session = await InferenceSession.create(model as string, {
    executionProviders: [device],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    graphOptimizationLevel: weights === "inside" ? "all" : "extended",
    // Planning all memory ahead takes half as much again as handing it out piece by piece.
    enableMemPattern: false,
    logSeverityLevel: 3,
    extra: { session: { set_denormal_as_zero: "1", ...SPINNING_WITHIN_A_RUN } },
  });
  return {
    // The sessions that this function makes have tensors only, no sequences or maps.
    run: (feeds, fetches) =>
      session.run(feeds, fetches) as Promise<Readonly<Record<string, Tensor>>>,
    [Symbol.asyncDispose]: () => session.release(),
  };
}

/** Wraps an array as a tensor without copying it. */
export type MakeTensor = (data: Float32Array | Uint8Array, shape: readonly number[]) => Tensor;

/** Loads ONNX Runtime and gives its tensors' constructor. */
export async function tensorMaker(): Promise<MakeTensor> {
  const { Tensor } = await import("onnxruntime-node");
  return (data, shape) =>
    data instanceof Float32Array
      ? new Tensor("float32", data, shape)
      : new Tensor("uint8", data, shape);
}
