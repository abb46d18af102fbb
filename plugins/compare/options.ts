// The options of `compare`.
import { z } from "../../engine/plugin.ts";
import { measures } from "../scores/measures.ts";

/** Checks the options and fills their defaults. */
export const compareOptions = z.strictObject({
  by: z.enum(measures).default("mean-iou").describe("score by which the best model is chosen"),
});

export type CompareOptions = z.output<typeof compareOptions>;
