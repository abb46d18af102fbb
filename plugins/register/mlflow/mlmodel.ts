// The small files beside model.onnx that make it an MLflow model: what it takes, and what serves it.
import type { ModelCard } from "../../nn/model_artifact.ts";

/** Ids that the server gave to a model and its run, and the version the server said it has. */
export interface ModelIdentity {
  readonly modelId: string;
  readonly artifactUri: string;
  readonly runId: string;
  readonly serverVersion: string | undefined;
  readonly createdAtMs: number;
}

/** Versions of the Python side that serve a model; the same ONNX Runtime as ours. */
const python = "3.11.9";
const onnx = "1.20.0";
const onnxRuntime = "1.30.0";

/** Names of the files; `MLmodel` is the last, a folder without it cannot be loaded. */
export const modelFileNames = [
  "input_example.json",
  "serving_input_example.json",
  "requirements.txt",
  "python_env.yaml",
  "conda.yaml",
  "MLmodel",
] as const;

/** Writes the files by name, in that order. */
export function modelFiles(
  card: ModelCard,
  identity: ModelIdentity,
): ReadonlyMap<typeof modelFileNames[number], string> {
  const server = identity.serverVersion;
  const requirements = [
    server === undefined ? "mlflow" : `mlflow==${server}`,
    `onnx==${onnx}`,
    `onnxruntime==${onnxRuntime}`,
    "numpy",
  ];
  const pip = requirements.map((each) => `  - ${each}`).join("\n");
  const example = exampleInput(card);
  return new Map([
    ["input_example.json", JSON.stringify(example)],
    ["serving_input_example.json", JSON.stringify({ inputs: example })],
    ["requirements.txt", `${requirements.join("\n")}\n`],
    [
      "python_env.yaml",
      `python: ${python}\nbuild_dependencies:\n- pip\ndependencies:\n- -r requirements.txt\n`,
    ],
    [
      "conda.yaml",
      `name: cairn\nchannels:\n- conda-forge\ndependencies:\n- python=${python}\n- pip\n` +
      `- pip:\n${pip}\n`,
    ],
    ["MLmodel", description(card, identity)],
  ]);
}

function description(card: ModelCard, identity: ModelIdentity): string {
  const { architecture } = card;
  const image = tensor("image", [-1, architecture.bands, -1, -1]);
  const logits = tensor("logits", [-1, architecture.classes, -1, -1]);
  const created = new Date(identity.createdAtMs).toISOString().replace("T", " ").replace(
    "Z",
    "000",
  );
  const server = identity.serverVersion;
  return `artifact_path: ${JSON.stringify(identity.artifactUri)}
flavors:
  onnx:
    code: null
    data: model.onnx
    onnx_session_options: null
    onnx_version: ${onnx}
    providers: [CPUExecutionProvider]
  python_function:
    data: model.onnx
    env: {conda: conda.yaml, virtualenv: python_env.yaml}
    loader_module: mlflow.onnx
    python_version: ${python}
${server === undefined ? "" : `mlflow_version: ${server}\n`}model_id: ${identity.modelId}
model_uuid: ${identity.modelId}
run_id: ${identity.runId}
saved_input_example_info:
  artifact_path: input_example.json
  serving_input_path: serving_input_example.json
  type: ndarray
signature:
  inputs: '${image}'
  outputs: '${logits}'
  params: null
utc_time_created: '${created}'
`;
}

/** An image of the smallest size that the network takes. */
function exampleInput({ architecture: { bands, depth } }: ModelCard): object {
  const edge = 2 ** depth;
  const row = (band: number, y: number): number[] =>
    Array.from({ length: edge }, (_, x) => (x * 7 + y * 13 + band * 31) % 256);
  const image = Array.from(
    { length: bands },
    (_, band) => Array.from({ length: edge }, (_, y) => row(band, y)),
  );
  return { image: [image] };
}

/** A signature is JSON inside a YAML string. */
function tensor(name: string, shape: readonly number[]): string {
  return JSON.stringify([{
    type: "tensor",
    "tensor-spec": { dtype: "float32", shape },
    name,
  }]);
}
