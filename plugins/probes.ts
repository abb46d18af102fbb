// What `doctor` asks of the libraries and servers that plugins use.

/** Something to look at; rejects where it does not work. */
export interface LibraryProbe {
  readonly name: string;
  readonly look: () => Promise<string>;
}

/** Probes of the native libraries and of the tracking server. */
export const libraryProbes: readonly LibraryProbe[] = [
  { name: "sharp", look: lookAtSharp },
  { name: "onnxruntime", look: lookAtOnnxRuntime },
  { name: "mlflow", look: lookAtMlflow },
];

async function lookAtSharp(): Promise<string> {
  const { default: sharp } = await import("sharp");
  return `${sharp.versions.sharp}, libvips ${sharp.versions.vips}`;
}

async function lookAtOnnxRuntime(): Promise<string> {
  const { listSupportedBackends } = await import("onnxruntime-node");
  const names = listSupportedBackends().map((backend) => backend.name);
  return `built for ${names.join(", ")}`;
}

async function lookAtMlflow(): Promise<string> {
  const uri = Deno.env.get("MLFLOW_TRACKING_URI");
  if (uri === undefined) {
    return "MLFLOW_TRACKING_URI is not set; models go to the registry in .cairn";
  }
  const response = await fetch(`${uri.replace(/\/+$/, "")}/health`, {
    signal: AbortSignal.timeout(5000),
  });
  await response.body?.cancel();
  if (!response.ok) throw new Error(`the server at ${uri} answers ${response.status}`);
  return `the server at ${uri} answers`;
}
