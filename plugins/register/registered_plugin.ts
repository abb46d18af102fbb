// Declares `registered`: a model of the local registry as an input of other steps.
import { definePlugin, z } from "../../engine/plugin.ts";
import { addressPattern } from "./address.ts";

/** Gives the files of a registered version; runs again as soon as its alias has moved. */
export const registeredPlugin = definePlugin({
  name: "registered",
  kind: "other",
  description: "Gives a model of the local registry to other steps",
  version: 1,
  config: z.strictObject({
    model: z.string()
      .regex(addressPattern, "Expected models:/NAME@ALIAS or models:/NAME/NUMBER")
      .describe("such as models:/landcover@champion or models:/landcover/3"),
  }),
  inputs: {},
  outputs: { model: { type: "model", description: "the model's files" } },
  permissions: { shared: ["registry"] },
  resources: () => ({ cpus: 1, memory: "256MiB" }),
  async run(context): Promise<void> {
    const { giveRegistered } = await import("./give_registered.ts");
    await giveRegistered(context);
  },
});
