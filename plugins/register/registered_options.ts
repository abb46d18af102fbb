// The options of `registered`, and what is wrong with them where it shows before a run.
import { type OptionProblem, z } from "../../engine/plugin.ts";
import { isVersion, parseAddress } from "./address.ts";
import { foundModel } from "./mlflow/resolve.ts";
import { serverAddress } from "./options.ts";

/** Checks the options and fills their defaults. */
export const registeredOptions = z.strictObject({
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

/** Says what is wrong with options that fit the schema. */
export function checkRegisteredOptions(
  { model, from, resolved }: RegisteredOptions,
): OptionProblem[] {
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
