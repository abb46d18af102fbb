// Declares `compare`: which of several models does best.
import { definePlugin } from "../../engine/plugin.ts";
import { nativeLibraries } from "../permissions.ts";
import { compareOptions } from "./options.ts";

/** Ranks models by their scores, shows the ranking, and hands the best one on. */
export const comparePlugin = definePlugin({
  name: "compare",
  kind: "test",
  description: "Ranks models by a score, as table and chart, and gives the best one",
  version: 1,
  config: compareOptions,
  inputs: {
    models: { type: "model", description: "the models, such as all of a matrix", many: true },
    scores: {
      type: "scores",
      description: "scores of each, all on one split: val, as long as models are being chosen",
      many: true,
    },
    histories: {
      type: "history",
      description: "learning curves of each, for the chart",
      many: true,
      optional: true,
    },
  },
  outputs: {
    comparison: {
      type: "comparison",
      description: "comparison.md, comparison.csv, comparison.json and comparison.png",
    },
    best: { type: "model", description: "a copy of the best model" },
  },
  permissions: nativeLibraries,
  resources: () => ({ cpus: 1, memory: "1GiB" }),
  async run(context): Promise<void> {
    const { compare } = await import("./compare.ts");
    await compare(context);
  },
});
