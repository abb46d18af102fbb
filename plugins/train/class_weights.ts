// How much each class counts in the loss: as the options say, or balanced by what the tiles hold.
import { StepError } from "../../engine/plugin.ts";
import type { Tile } from "../tiles/manifest.ts";
import type { TrainOptions } from "./options.ts";

/** What the options say of classes. */
export type ClassOptions = Pick<TrainOptions, "class-weights" | "ignore">;

/**
 * Gives one weight per class, 0 for those that are ignored. Throws StepError where an option names a
 * class that there is not, or nothing is left to learn.
 */
export function classWeights(
  options: ClassOptions,
  { classes, tiles }: { readonly classes: readonly string[]; readonly tiles: readonly Tile[] },
): number[] {
  const { "class-weights": chosen, ignore } = options;
  requireKnown("ignore", ignore, classes);
  const isIgnored = classes.map((name) => ignore.includes(name));
  const weights = chosen === "equal"
    ? classes.map(() => 1)
    : chosen === "balanced"
    ? balancedWeights(tiles, isIgnored)
    : givenWeights(chosen, classes);
  const kept = weights.map((weight, index) => isIgnored[index] ? 0 : weight);
  const counting = kept.filter((weight) => weight > 0).length;
  if (counting < 2) {
    throw new StepError(`Training needs two classes that count, not ${counting}`, {
      hint: 'Take classes out of "ignore", or give more of them a weight above 0',
    });
  }
  const pixels = tiles.some(({ histogram }) =>
    histogram.some((n, land) => n > 0 && kept[land]! > 0)
  );
  if (!pixels) {
    throw new StepError("No pixel of the training tiles is of a class that counts", {
      hint: 'Look at "ignore", and at weights of 0 in "class-weights"',
    });
  }
  return kept;
}

/**
 * Weights by which every class weighs the same over all tiles: pixels of all classes over those of one
 * and the number of classes. A class without a pixel weighs 1.
 */
function balancedWeights(tiles: readonly Tile[], isIgnored: readonly boolean[]): number[] {
  const pixels = isIgnored.map((ignored, index) =>
    ignored ? 0 : tiles.reduce((sum, { histogram }) => sum + histogram[index]!, 0)
  );
  const total = pixels.reduce((sum, count) => sum + count, 0);
  const present = pixels.filter((count) => count > 0).length;
  return pixels.map((count) => count === 0 ? 1 : total / (present * count));
}

function givenWeights(
  chosen: Readonly<Record<string, number>>,
  classes: readonly string[],
): number[] {
  requireKnown("class-weights", Object.keys(chosen), classes);
  return classes.map((name) => chosen[name] ?? 1);
}

function requireKnown(
  option: keyof ClassOptions,
  names: readonly string[],
  classes: readonly string[],
): void {
  const unknown = names.filter((name) => !classes.includes(name)).map((name) => `"${name}"`);
  if (unknown.length === 0) return;
  throw new StepError(
    `Option "${option}" names ${unknown.join(", ")}, which the tiles do not have`,
    {
      hint: `Their classes are ${classes.join(", ")}`,
    },
  );
}
