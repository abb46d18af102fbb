// The options of `test`.
import { runtimeOnly, z } from "../../engine/plugin.ts";

/** Checks the options and fills their defaults. */
export const testOptions = z.strictObject({
  split: z.enum(["train", "val", "test"]).default("test")
    .describe("which tiles to predict"),
  batch: runtimeOnly(z.int().min(1).max(64).default(4))
    .describe("tiles that go through the network at once"),
});

export type TestOptions = z.output<typeof testOptions>;
