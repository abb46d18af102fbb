// What an MLflow server remembers and how it answers: absent lists, 400 for what exists already and for
// unknown aliases, links that cannot be made twice, values cut without a word, parameters that never change.
import assert from "node:assert/strict";
import {
  type FakeModel,
  type FakeRun,
  type FakeVersion,
  hasTags,
  infoOf,
  modelInfoOf,
  refuse,
  type Reply,
  type Tag,
} from "./fake_replies.ts";

// The bodies are whatever the client under test sent.
// deno-lint-ignore no-explicit-any
type Body = any;

/** The tracking store and the model registry. */
export class FakeTracking {
  readonly experiments = new Map<string, string>();
  readonly runs: FakeRun[] = [];
  readonly models: FakeModel[] = [];
  readonly registered = new Set<string>();
  readonly versions: FakeVersion[] = [];
  /** NAME@ALIAS to version. */
  readonly aliases = new Map<string, string>();
  /** Statuses in the order in which they were set. */
  readonly statuses: string[] = [];
  experimentStage = "active";
  artifactLocation = "mlflow-artifacts:/5";
  /** Names that belong to prompts. */
  readonly prompts = new Set<string>();

  /** Performs a request; undefined where there is no such route. */
  answer([method, path]: readonly [string, string], body: Body): Reply | undefined {
    const [, model_id] = /\/(m-[^/]*)$/.exec(path) ?? [];
    const named = model_id !== undefined && method === "GET" ? { model_id } : body;
    return this.#routes[`${method} ${path.replace(/m-[^/]*$/, "ID")}`]?.(named);
  }

  /** The run of that part, such as "train". */
  run(part: string): FakeRun {
    const found = this.runs.filter(({ tags }) => tags.get("cairn.part") === part);
    assert.equal(found.length, 1, `one run is "${part}"`);
    return found[0]!;
  }

  /** Everything there is, without the ids and times that differ between equal histories. */
  summary(): unknown {
    const parts = new Map(this.runs.map(({ id, tags }) => [id, tags.get("cairn.part")]));
    return {
      runs: this.runs.map((run) => ({
        name: run.name,
        status: run.status,
        tags: [...run.tags].map(([key, value]) => [key, parts.get(value) ?? value]),
        params: [...run.params].sort(),
        metrics: [...run.metrics.values()].map(({ key, value, step }) => [key, value, step]).sort(),
        datasets: run.datasets.size,
        models: run.models.size,
      })),
      models: this.models.map(({ status }) => status),
      versions: this.versions.map(({ name, version }) => `${name} ${version}`),
      aliases: [...this.aliases].sort(),
    };
  }

  readonly #routes: Record<string, (body: Body) => Reply> = {
    "POST mlflow/experiments/create": ({ name }) => {
      if (this.experiments.has(name)) {
        const sql = "[SQL: INSERT INTO experiments]";
        return refuse("RESOURCE_ALREADY_EXISTS", `Experiment(name=${name}) exists. ${sql}`);
      }
      this.experiments.set(name, String(this.experiments.size + 5));
      return { json: { experiment_id: this.experiments.get(name) } };
    },
    "GET mlflow/experiments/get-by-name": ({ experiment_name: name }) => ({
      json: {
        experiment: {
          experiment_id: this.experiments.get(name),
          lifecycle_stage: this.experimentStage,
        },
      },
    }),
    "GET mlflow/experiments/get": ({ experiment_id: id }) => {
      const name = [...this.experiments].find(([, each]) => each === id)?.[0];
      return name === undefined
        ? refuse("RESOURCE_DOES_NOT_EXIST", `No Experiment with id=${id} exists`, 404)
        : { json: { experiment: { name, artifact_location: this.artifactLocation } } };
    },
    "POST mlflow/runs/create": ({ experiment_id, run_name, tags }) => {
      const run: FakeRun = {
        id: `run${this.runs.length + 1}`,
        experiment: experiment_id,
        name: run_name,
        tags: new Map(tags.map(({ key, value }: Tag) => [key, value.slice(0, 8000)])),
        params: new Map(),
        metrics: new Map(),
        datasets: new Set(),
        models: new Set(),
        status: "RUNNING",
      };
      this.runs.push(run);
      return { json: { run: { info: infoOf(run) } } };
    },
    "POST mlflow/runs/search": ({ experiment_ids, filter }) => {
      const isWithoutFailed = filter.endsWith("attributes.status != 'FAILED'");
      const found = this.runs.filter((run) =>
        experiment_ids.includes(run.experiment) && !(isWithoutFailed && run.status === "FAILED") &&
        hasTags(run.tags, filter)
      );
      return { json: found.length === 0 ? {} : { runs: [{ info: infoOf(found[0]!) }] } };
    },
    "GET mlflow/runs/get": ({ run_id }) => {
      const run = this.runs.find(({ id }) => id === run_id);
      if (run === undefined) return refuse("RESOURCE_DOES_NOT_EXIST", "No such run", 404);
      const models = [...run.models].map((model_id) => ({ model_id }));
      const outputs = models.length === 0 ? {} : { model_outputs: models };
      return { json: { run: { info: infoOf(run), outputs } } };
    },
    "POST mlflow/runs/log-batch": ({ run_id, metrics = [], params = [], tags = [] }) => {
      const run = this.#run(run_id);
      if (metrics.length > 1000 || params.length > 100) {
        return refuse("INVALID_PARAMETER_VALUE", "Too many in one batch");
      }
      for (const { key, value } of params) {
        const cut = value.slice(0, 6000);
        if ((run.params.get(key) ?? cut) !== cut) {
          return refuse("INVALID_PARAMETER_VALUE", `Changing param value of ${key}`);
        }
        run.params.set(key, cut);
      }
      for (const { key, value } of tags) run.tags.set(key, value.slice(0, 8000));
      for (const point of metrics) run.metrics.set(JSON.stringify(point), point);
      return { json: {} };
    },
    "POST mlflow/runs/log-inputs": ({ run_id, datasets }) => {
      for (const { dataset } of datasets) {
        if (dataset.digest.length > 36) return refuse("INVALID_PARAMETER_VALUE", "Digest");
        this.#run(run_id).datasets.add(`${dataset.name} ${dataset.digest}`);
      }
      return { json: {} };
    },
    "POST mlflow/runs/outputs": ({ run_id, models: [{ model_id }] }) => {
      const { models } = this.#run(run_id);
      if (models.has(model_id)) return refuse("BAD_REQUEST", "UNIQUE constraint failed: inputs");
      models.add(model_id);
      return { json: {} };
    },
    "POST mlflow/runs/update": ({ run_id, status }) => {
      this.#run(run_id).status = status;
      this.statuses.push(status);
      return { json: { run_info: {} } };
    },
    "POST mlflow/logged-models": ({ name, source_run_id: run, tags }) => {
      if (/[/:.%"']/.test(name)) return refuse("INVALID_PARAMETER_VALUE", "Invalid model name");
      const id = `m-${this.models.length + 1}`;
      const noted = new Map<string, string>(tags.map(({ key, value }: Tag) => [key, value]));
      const model = { id, name, run, status: "LOGGED_MODEL_PENDING", tags: noted };
      this.models.push(model);
      return { json: { model: { info: modelInfoOf(model) } } };
    },
    "POST mlflow/logged-models/search": ({ filter }) => {
      const run = /^source_run_id = '(.*?)'/.exec(filter)?.[1];
      const found = this.models.find((model) => model.run === run && hasTags(model.tags, filter));
      return { json: found === undefined ? {} : { models: [{ info: modelInfoOf(found) }] } };
    },
    "GET mlflow/logged-models/ID": ({ model_id }) => {
      const model = this.models.find(({ id }) => id === model_id);
      return model === undefined
        ? refuse("RESOURCE_DOES_NOT_EXIST", "No such model", 404)
        : { json: { model: { info: modelInfoOf(model) } } };
    },
    "PATCH mlflow/logged-models/ID": ({ model_id, status }) => {
      const model = this.models.find(({ id }) => id === model_id);
      if (model === undefined) return refuse("INVALID_PARAMETER_VALUE", "Missing model_id");
      model.status = status;
      this.statuses.push(status);
      return { json: {} };
    },
    "POST mlflow/registered-models/create": ({ name }) => {
      if (this.registered.has(name)) return refuse("RESOURCE_ALREADY_EXISTS", "Model exists");
      this.registered.add(name);
      return { json: {} };
    },
    "GET mlflow/model-versions/search": ({ filter }) => {
      const [, wanted, key, value] = /name='(.*)' AND tags\.`(.*)`='(.*)'/.exec(filter) ?? [];
      const found = this.versions.find(({ name, tags }) =>
        name === wanted && tags.get(key!) === value
      );
      return { json: found === undefined ? {} : { model_versions: [{ version: found.version }] } };
    },
    "POST mlflow/model-versions/create": ({ name, model_id, description, tags }) => {
      const version = String(this.versions.filter((each) => each.name === name).length + 1);
      const noted = new Map<string, string>(tags.map(({ key, value }: Tag) => [key, value]));
      this.versions.push({ name, version, model: model_id, description, tags: noted });
      return { json: { model_version: { version } } };
    },
    "POST mlflow/model-versions/set-tag": ({ name, version, key, value }) => {
      this.version(name, version).tags.set(key, value);
      return { json: {} };
    },
    "GET mlflow/registered-models/alias": ({ name, alias }) => {
      const version = this.aliases.get(`${name}@${alias}`);
      return version === undefined
        ? refuse("INVALID_PARAMETER_VALUE", `Registered model alias ${alias} not found.`)
        : this.#versionReply(name, version);
    },
    "GET mlflow/registered-models/get": ({ name }) => {
      const isPrompt = this.prompts.has(name);
      if (!isPrompt && !this.registered.has(name)) {
        return refuse("RESOURCE_DOES_NOT_EXIST", "No such model", 404);
      }
      const tags = isPrompt ? [{ key: "mlflow.prompt.is_prompt", value: "true" }] : undefined;
      const held = [...this.aliases].filter(([key]) => key.startsWith(`${name}@`));
      const aliases = held.map(([key, version]) => ({ alias: key.split("@")[1], version }));
      return { json: { registered_model: { name, ...tags && { tags }, aliases } } };
    },
    "GET mlflow/model-versions/get": ({ name, version }) =>
      this.versions.some((each) => each.name === name && each.version === version)
        ? this.#versionReply(name, version)
        : refuse("RESOURCE_DOES_NOT_EXIST", "No such version", 404),
    "GET mlflow/model-versions/get-download-uri": ({ name, version }) => ({
      json: { artifact_uri: `models:/${this.version(name, version).model}` },
    }),
    "POST mlflow/registered-models/alias": ({ name, alias, version }) => {
      this.aliases.set(`${name}@${alias}`, version);
      return { json: {} };
    },
  };

  /** A version that must be there. */
  version(name: string, version: string): FakeVersion {
    const found = this.versions.find((each) => each.name === name && each.version === version);
    assert.ok(found !== undefined, `${name} has a version ${version}`);
    return found;
  }

  #versionReply(name: string, version: string): Reply {
    const tags = [...this.version(name, version).tags].map(([key, value]) => ({ key, value }));
    return { json: { model_version: { version, ...tags.length > 0 && { tags } } } };
  }

  #run(id: string): FakeRun {
    const found = this.runs.find((run) => run.id === id);
    assert.ok(found !== undefined, `there is a run ${id}`);
    return found;
  }
}
