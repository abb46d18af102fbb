// Declares `registered`: a model of the local registry, or of an MLflow server, as an input of other steps.
import { definePlugin } from "../../engine/plugin.ts";
import { checkRegisteredOptions, registeredOptions } from "./registered_options.ts";
import { serverAccess, variable } from "./server_access.ts";

/** Gives the files of a registered version; runs again as soon as its alias has moved. */
export const registeredPlugin = definePlugin({
  name: "registered",
  kind: "other",
  description:
    "Gives a registered model, of the local registry or an MLflow server, to other steps",
  version: 1,
  config: registeredOptions,
  inputs: {},
  outputs: { model: { type: "model", description: "the model's files" } },
  permissions: { ...serverAccess, shared: ["registry"] },
  check: checkRegisteredOptions,
  resources: () => ({ cpus: 1, memory: "256MiB" }),
  async run(context): Promise<void> {
    const [{ giveRegistered }, { mlflowSettings }] = await Promise.all([
      import("./give_registered.ts"),
      import("./mlflow/settings.ts"),
    ]);
    await giveRegistered(context, mlflowSettings(variable));
  },
});
