// The options of `synthesize`.
import { z } from "../../engine/plugin.ts";

/** Checks the options and fills their defaults. */
export const synthesizeOptions = z.strictObject({
  images: z.int().min(1).max(1000).default(8).describe("photographs to make"),
  size: z.int().min(64).max(8192).default(768).describe("edge of a photograph, pixels"),
  resolution: z.number().min(0.1).max(2).default(0.5).describe("edge of a pixel, metres"),
});

export type SynthesizeOptions = z.output<typeof synthesizeOptions>;
