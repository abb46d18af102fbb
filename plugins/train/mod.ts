// Training for plugins with a network of their own, imported as "cairn/train".
import type { Plugin } from "../../engine/plugin.ts";
import type { Design } from "../nn/design.ts";
import type { TrainContext } from "./options.ts";
import { trainPlugin } from "./plugin.ts";

/**
 * Makes a plugin that is `train` in all but the network: same options, inputs and outputs. `base` and `depth` are
 * given to the design, which halves the image at most `depth` times.
 */
export function trainerOf(
  design: Design,
  about: { readonly name: string; readonly description: string; readonly version: number },
): Plugin {
  return {
    ...trainPlugin,
    ...about,
    async run(context: TrainContext): Promise<void> {
      const { train } = await import("./train.ts");
      await train(context, design);
    },
  };
}
