// The options of `predict`, and what can be wrong with them before anything runs.
import { type OptionProblem, path, runtimeOnly, z } from "../../engine/plugin.ts";

const range = z.tuple([z.number(), z.number()]);

/** Checks the options and fills their defaults. */
export const predictOptions = z.strictObject({
  images: path("any").optional().describe("an image (.tif, .jpg, .png) or a folder of them"),
  window: z.int().min(16).max(8192).optional()
    .describe("edge of what the network sees at once, pixels; the training tiles' edge by default"),
  overlap: z.number().min(0).default(0.25).describe(
    "what neighbouring windows share at least: below 1 a part of the window, else pixels",
  ),
  batch: runtimeOnly(z.int().min(1).max(64).default(1))
    .describe("windows that go through the network at once"),
  probabilities: z.boolean().default(false)
    .describe("writes NAME_probabilities.tif: a band per class, 8-bit, 250 is certain"),
  polygons: z.boolean().default(false)
    .describe("writes NAME.geojson: outlines with class and area, in the image's system"),
  "min-area": z.number().min(0).default(0)
    .describe("leaves out smaller polygons, m²; the map itself keeps them"),
  bands: z.array(z.int().min(1)).min(1).optional().describe(
    "bands that the model was trained on, from 1, in its order; all but transparency by default",
  ),
  scale: z.union([range, z.array(range).min(1)]).optional()
    .describe('values that become 0 and 255, as in the "prepare" step of the training tiles'),
  nodata: z.number().optional()
    .describe("value of pixels without data; what the image says by default"),
  overviews: z.boolean().default(true)
    .describe("puts smaller versions into the maps, which viewers show while zoomed out"),
});

export type PredictOptions = z.output<typeof predictOptions>;

/** Finds problems that concern several options. */
export function checkPredictOptions(options: PredictOptions): OptionProblem[] {
  const problems: OptionProblem[] = [];
  if (options["min-area"] > 0 && !options.polygons) {
    const message = "It chooses among polygons, but none are written";
    problems.push({ path: ["min-area"], message, hint: 'Add "polygons: true"' });
  }
  const { window, overlap } = options;
  if (window !== undefined && overlap >= window) {
    const message = `Windows of ${window} px cannot share ${overlap} px`;
    problems.push({ path: ["overlap"], message, hint: "Give a part of the window, such as 0.25" });
  }
  return problems;
}
