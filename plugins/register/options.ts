// The options of `register`.
import { type OptionProblem, z } from "../../engine/plugin.ts";
import { measures } from "../scores/measures.ts";

const fileName = /^[A-Za-z0-9_][A-Za-z0-9._-]*$/;
const tagName = /^(?!cairn\.|mlflow\.parentRunId$)[\w.: -]+(\/[\w.: -]+)*$/;
const reservedAlias = /^(latest|v\d+)$/i;

const aliasName = z.string().max(100)
  .regex(fileName, "Expected letters, digits, dots, dashes and underscores")
  .refine((alias) => !reservedAlias.test(alias), "Reserved: choose another alias");

/** An MLflow server's address, where the workflow names one. */
export const serverAddress = z.string()
  .regex(/^https?:\/\/[^@\s]+$/, "Expected http:// or https:// without a user or password")
  .optional()
  .describe("address of the MLflow server; MLFLOW_TRACKING_URI by default");

/** Checks the options and fills their defaults. */
export const registerOptions = z.strictObject({
  name: z.string().max(100)
    .regex(fileName, "Expected letters, digits, dots, dashes and underscores")
    .describe("name of the model in the registry"),
  alias: aliasName.default("candidate").describe("alias that moves to this version"),
  promote: z.strictObject({
    alias: aliasName.default("champion").describe("alias that the better version has"),
    when: z.enum(measures).describe("score that must be higher than that of the alias's version"),
    by: z.number().min(0).max(1).default(0).describe("by how much at least"),
  }).optional().describe("gives a second alias to this version if its score is higher"),
  experiment: z.string().min(1).max(500).optional()
    .describe("MLflow experiment of the whole run; the workflow's name by default"),
  server: serverAddress,
  tags: z.record(
    z.string().max(250).regex(tagName, "Expected letters, digits, dots, dashes, spaces, : and /"),
    z.string().max(5000),
  ).default({}).describe("tags of the MLflow runs, such as mlflow.source.git.commit"),
});

export type RegisterOptions = z.output<typeof registerOptions>;

/** Refuses options that contradict each other. */
export function checkRegisterOptions({ alias, promote }: RegisterOptions): OptionProblem[] {
  if (promote === undefined || promote.alias !== alias) return [];
  return [{
    path: ["promote", "alias"],
    message: `"${alias}" moves to every version, as the option "alias" says`,
    hint: "Choose another alias for the better version, such as champion",
  }];
}
