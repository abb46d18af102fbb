// Loads ONNX Runtime when the first session is made, and makes sessions.
import type { InferenceSession, Tensor } from "onnxruntime-node";

export type { InferenceSession, Tensor };

/** A compiled graph that can be run; dispose it to free its memory. */
export interface Session extends AsyncDisposable {
  /** Runs the graph. The calling thread is blocked meanwhile. */
  run(
    feeds: Readonly<Record<string, Tensor>>,
    fetches: readonly string[] | Readonly<Record<string, Tensor>>,
  ): Promise<Readonly<Record<string, Tensor>>>;
}

/** Compiles a model (bytes, or the path of a file) for the processor. */
export async function createSession(
  model: Uint8Array | string,
  options: { readonly threads: number },
): Promise<Session> {
  const { InferenceSession } = await import("onnxruntime-node");
  const session = await InferenceSession.create(model as string, {
    executionProviders: ["cpu"],
    intraOpNumThreads: options.threads,
    interOpNumThreads: 1,
    graphOptimizationLevel: "all",
    logSeverityLevel: 3,
    extra: { session: { set_denormal_as_zero: "1" } },
  });
  return {
    // The sessions that this function makes have tensors only, no sequences or maps.
    run: (feeds, fetches) =>
      session.run(feeds, fetches) as Promise<Readonly<Record<string, Tensor>>>,
    [Symbol.asyncDispose]: () => session.release(),
  };
}

/** Wraps an array as a tensor without copying it. */
export async function tensorMaker(): Promise<
  (data: Float32Array | Uint8Array, shape: readonly number[]) => Tensor
> {
  const { Tensor } = await import("onnxruntime-node");
  return (data, shape) =>
    data instanceof Float32Array
      ? new Tensor("float32", data, shape)
      : new Tensor("uint8", data, shape);
}
