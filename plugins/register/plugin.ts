// Declares `register`: gives a model a version number and a name that people and programs can ask for.
import { definePlugin } from "../../engine/plugin.ts";
import { checkRegisterOptions, registerOptions } from "./options.ts";
import { serverAccess, variable } from "./server_access.ts";

/** Versions a model in the project's registry and, where one is set, on an MLflow server. */
export const registerPlugin = definePlugin({
  name: "register",
  kind: "register",
  description: "Versions a model under a name, in the local registry and on an MLflow server",
  version: 1,
  config: registerOptions,
  inputs: {
    model: { type: "model", description: "the model to register" },
    scores: {
      type: "scores",
      description: "how well it does; kept with the version",
      optional: true,
    },
    history: { type: "history", description: "its curves, for MLflow", optional: true },
    figures: { type: "figures", description: "report and pictures, for MLflow", optional: true },
    tiles: { type: "tiles", description: "the dataset, for MLflow", optional: true },
  },
  outputs: {
    version: {
      type: "version",
      description: "version.json: name, number, digest, scores; promotion.json",
    },
  },
  permissions: serverAccess,
  check: checkRegisterOptions,
  resources: () => ({ cpus: 1, memory: "512MiB" }),
  async run(context): Promise<void> {
    const [{ register }, { mlflowSettings }] = await Promise.all([
      import("./register.ts"),
      import("./mlflow/settings.ts"),
    ]);
    const settings = mlflowSettings(variable);
    const [run, experiment] = [variable("CAIRN_TRACKED_RUN"), variable("MLFLOW_EXPERIMENT_NAME")];
    const tracked = run !== undefined && experiment !== undefined ? { run, experiment } : undefined;
    await register(context, settings && { settings, tracked });
  },
});
