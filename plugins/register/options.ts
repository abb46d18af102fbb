// The options of `register`.
import { z } from "../../engine/plugin.ts";

const fileName = /^[A-Za-z0-9_][A-Za-z0-9._-]*$/;
const reservedAlias = /^(latest|v\d+)$/i;

/** Checks the options and fills their defaults. */
export const registerOptions = z.strictObject({
  name: z.string().max(100)
    .regex(fileName, "Expected letters, digits, dots, dashes and underscores")
    .describe("name of the model in the registry"),
  alias: z.string().max(100)
    .regex(fileName, "Expected letters, digits, dots, dashes and underscores")
    .refine((alias) => !reservedAlias.test(alias), "Reserved: choose another alias")
    .default("candidate")
    .describe("alias that moves to this version"),
  experiment: z.string().min(1).max(500).optional()
    .describe("MLflow experiment; the model's name by default"),
});

export type RegisterOptions = z.output<typeof registerOptions>;
