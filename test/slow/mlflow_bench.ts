// A project beside a real MLflow server, and what Python reads back from there.
import assert from "node:assert/strict";
import { freePort, python, RealMlflow, waitForServer } from "./mlflow_server.ts";

/** A run on the server. */
export interface RunSummary {
  readonly id: string;
  /** Id of its experiment. */
  readonly experiment: string;
  readonly name: string;
  readonly status: string;
  /** Id of the run that it is nested in. */
  readonly parent: string | null;
  readonly tags: Readonly<Record<string, string>>;
  readonly params: Readonly<Record<string, string>>;
  readonly metrics: Readonly<Record<string, number>>;
  /** Every point of the loss: step and value. */
  readonly curve: readonly (readonly [step: number, value: number])[];
  /** Names and contexts, sorted. */
  readonly datasets: readonly string[];
  /** How many logged models it has. */
  readonly models: number;
  /** Paths of all artifacts. */
  readonly files: readonly string[];
}

const RUNS = `
import json, mlflow
client = mlflow.MlflowClient()
def files(id, path=None):
    for file in client.list_artifacts(id, path):
        if file.is_dir: yield from files(id, file.path)
        else: yield file.path
def describe(run):
    id = run.info.run_id
    points = [(p.step, p.value, p.timestamp) for p in client.get_metric_history(id, "loss")]
    assert len(points) == len(set(points))
    return {"id": id, "experiment": run.info.experiment_id, "name": run.info.run_name, "status": run.info.status,
        "parent": run.data.tags.get("mlflow.parentRunId"), "tags": run.data.tags,
        "params": run.data.params, "metrics": run.data.metrics, "curve": [p[:2] for p in points],
        "datasets": sorted(d.dataset.name + " " + d.tags[0].value for d in run.inputs.dataset_inputs),
        "models": len(run.outputs.model_outputs), "files": list(files(id))}
found = mlflow.search_runs(search_all_experiments=True, output_format="list")
print(json.dumps([describe(run) for run in found]))
`;

const VERSIONS = `
import json, mlflow, sys
client = mlflow.MlflowClient()
versions = client.search_model_versions(f"name='{sys.argv[1]}'")
aliases = client.get_registered_model(sys.argv[1]).aliases
print(json.dumps({"versions": sorted(int(version.version) for version in versions),
    "aliases": {alias: int(aliases[alias]) for alias in sorted(aliases)}}))
`;

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly error: string;
}

/** Makes a project of files by name, and starts an empty server. */
export async function openBench(files: Readonly<Record<string, string>>): Promise<MlflowBench> {
  const folder = await Deno.makeTempDir({ prefix: "cairn_mlflow_" });
  for (const [name, text] of Object.entries(files)) {
    await Deno.writeTextFile(`${folder}/${name}`, text);
  }
  return new MlflowBench(folder, await RealMlflow.start());
}

/** A project and a server; disposing removes both. */
export class MlflowBench implements AsyncDisposable {
  constructor(readonly folder: string, readonly server: RealMlflow) {}

  /** Performs a command of the program, which must end well; gives what it printed. */
  async cairn(...words: readonly string[]): Promise<string> {
    return goodOutput(await this.attempt(...words));
  }

  /** Performs a command where no server is known. */
  async cairnAlone(...words: readonly string[]): Promise<string> {
    return goodOutput(await this.#program(words, { MLFLOW_TRACKING_URI: "" }));
  }

  /** Performs a command of the program in the project's folder. */
  async attempt(...words: readonly string[]): Promise<Ended> {
    return await this.#program(words, {});
  }

  /** Runs a script and gives the last line that it printed. */
  async python(script: string, ...args: readonly string[]): Promise<string> {
    const ended = await this.#end(python!, ["-W", "ignore", "-c", script, ...args], {});
    return goodOutput(ended).trim().split("\n").at(-1)!;
  }

  /** All runs, the newest first. */
  async runs(): Promise<readonly RunSummary[]> {
    return JSON.parse(await this.python(RUNS)) as RunSummary[];
  }

  async versions(model: string): Promise<unknown> {
    return JSON.parse(await this.python(VERSIONS, model));
  }

  /** Serves a model for as long as it takes to answer one request. */
  async serve(model: string, request: unknown): Promise<unknown> {
    const port = freePort();
    // It looks for uvicorn there.
    const PATH = `${python!.slice(0, python!.lastIndexOf("/"))}:${Deno.env.get("PATH")}`;
    const child = new Deno.Command(python!, {
      args: [
        ...["-m", "mlflow", "models", "serve", "--model-uri", model],
        ...["--env-manager", "local", "--host", "127.0.0.1", "--port", String(port)],
      ],
      env: this.#environment({ PATH }),
      stdin: "null",
      stdout: "null",
      stderr: "null",
      detached: true, // its workers are children of their own
    }).spawn();
    try {
      const uri = `http://127.0.0.1:${port}`;
      await waitForServer(`${uri}/ping`);
      const response = await fetch(`${uri}/invocations`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(request),
      });
      const text = await response.text();
      assert.equal(response.status, 200, text);
      return JSON.parse(text);
    } finally {
      killGroup(child.pid);
      await child.status;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
    await Deno.remove(this.folder, { recursive: true });
  }

  #environment(env: Readonly<Record<string, string>>): Record<string, string> {
    return {
      MLFLOW_TRACKING_URI: this.server.uri,
      MLFLOW_DISABLE_TELEMETRY: "true",
      DO_NOT_TRACK: "true",
      NO_COLOR: "1",
      ...env,
    };
  }

  async #program(words: readonly string[], env: Readonly<Record<string, string>>): Promise<Ended> {
    const main = new URL("../../main.ts", import.meta.url).href;
    return await this.#end(Deno.execPath(), ["run", "--quiet", "-A", main, ...words], env);
  }

  async #end(
    program: string,
    args: readonly string[],
    env: Readonly<Record<string, string>>,
  ): Promise<Ended> {
    const { code, stdout, stderr } = await new Deno.Command(program, {
      args: [...args],
      cwd: this.folder,
      env: this.#environment(env),
      stdin: "null",
    }).output();
    const [out = "", error = ""] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
    return { code, out, error };
  }
}

/** Ends a process with its children; it may have ended by itself. */
function killGroup(pid: number): void {
  try {
    Deno.kill(-pid, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

function goodOutput({ code, out, error }: Ended): string {
  assert.equal(code, 0, `${out}\n${error}`);
  return out;
}
