// Declares `registered`: a model of the local registry, or of an MLflow server, as an input of other steps.
import { definePlugin, type OptionProblem, z } from "../../engine/plugin.ts";
import { isVersion, parseAddress } from "./address.ts";
import { foundModel } from "./mlflow/resolve.ts";
import { serverAddress } from "./options.ts";
import { serverAccess, variable } from "./server_access.ts";

const registeredOptions = z.strictObject({
  model: z.string()
    .refine(
      (text) => parseAddress(text) !== undefined,
      "Expected models:/NAME@ALIAS, models:/NAME/NUMBER, models:/m-ID or runs:/RUN/MODEL",
    )
    .describe("such as models:/landcover@champion, models:/landcover/3 or runs:/RUN/landcover"),
  from: z.enum(["auto", "local", "server"]).default("auto")
    .describe("which registry; auto is the MLflow server where one is set"),
  server: serverAddress,
  resolved: foundModel.optional()
    .describe("what the address means on the server: filled in before a run, never by a person"),
});

export type RegisteredOptions = z.output<typeof registeredOptions>;

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

function checkRegisteredOptions({ model, from, resolved }: RegisteredOptions): OptionProblem[] {
  if (resolved !== undefined) {
    const message = "What the address means is found out before each run";
    return [{ path: ["resolved"], message, hint: "Leave it out" }];
  }
  const address = parseAddress(model);
  if (from !== "local" || address === undefined || isVersion(address)) return [];
  return [{
    path: ["model"],
    message: `"${model}" is an address on an MLflow server, and "from" is "local"`,
    hint: "Write models:/NAME@ALIAS or models:/NAME/NUMBER, or leave out from",
  }];
}
