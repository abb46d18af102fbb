// Divides tiles into train, val and test: pure functions, and the reading of list files.
import { StepError } from "../../engine/plugin.ts";
import { type Random, shuffled } from "../random.ts";
import type { Split } from "../tiles/manifest.ts";

/** The splits, in the order in which lists and messages name them. */
export const SPLITS = ["train", "val", "test"] as const satisfies readonly Split[];

/** Relative sizes. */
export type Fractions = Readonly<Record<Split, number>>;

/** Things that must stay whole, and how many tiles each has. */
export type Units = ReadonlyMap<string, number>;

const ATTEMPTS = 64;
const CLOSE_ENOUGH = 0.02;

/**
 * Divides units so that the tiles of each split come near its fraction. Where there are enough units
 * every split with a fraction gets one; train comes first, then val.
 */
export function divide(units: Units, fractions: Fractions, random: Random): Map<string, Split> {
  let best = attempt(units, fractions, random);
  // Units differ in size: of several random orders the one that divides most fairly is kept.
  for (let tried = 1; tried < ATTEMPTS && best.error > CLOSE_ENOUGH; tried++) {
    const other = attempt(units, fractions, random);
    if (other.error < best.error) best = other;
  }
  return best.splits;
}

interface Division {
  readonly splits: Map<string, Split>;
  /** Fraction of tiles that lie in another split than they should. */
  readonly error: number;
}

/** Gives units in random order, each to the split that lacks most of what it should have. */
function attempt(units: Units, fractions: Fractions, random: Random): Division {
  const order = shuffled([...units.keys()].sort(), random);
  const total = order.reduce((sum, unit) => sum + (units.get(unit) ?? 0), 0);
  const whole = fractions.train + fractions.val + fractions.test;
  const lacking = SPLITS.filter((split) => fractions[split] > 0)
    .map((split) => ({ split, target: (total * fractions[split]) / whole, tiles: 0 }));
  const splits = new Map<string, Split>();
  for (const unit of order) {
    const poorest = lacking.reduce((a, b) => b.tiles / b.target < a.tiles / a.target ? b : a);
    poorest.tiles += units.get(unit) ?? 0;
    splits.set(unit, poorest.split);
  }
  const off = lacking.reduce((sum, { tiles, target }) => sum + Math.abs(tiles - target), 0);
  return { splits, error: off / 2 / total };
}

/** What a pattern's first group finds in an image's name; throws StepError where it finds nothing. */
export function groupOf(file: string, pattern: string): string {
  const found = new RegExp(pattern).exec(file)?.[1];
  if (found !== undefined) return found;
  throw new StepError(`The pattern "${pattern}" of "group" finds nothing in "${file}"`, {
    hint: "Write a pattern that fits the names of all images",
  });
}

/** Reads train.txt, val.txt and test.txt, one tile name per line; throws StepError where none is there. */
export async function readLists(folder: string): Promise<Map<string, Split>> {
  const splits = new Map<string, Split>();
  for (const split of SPLITS) {
    const text = await Deno.readTextFile(`${folder}/${split}.txt`).catch(() => "");
    for (const line of text.split("\n")) {
      const name = line.trim();
      if (name === "") continue;
      const other = splits.get(name) ?? split;
      if (other !== split) throw listedTwice(folder, name, [other, split]);
      splits.set(name, split);
    }
  }
  if (splits.size > 0) return splits;
  throw new StepError(`There are no tile names in "${folder}"`, {
    hint: "Put train.txt, val.txt and test.txt there, one name such as scene_12 per line",
  });
}

function listedTwice(folder: string, name: string, splits: readonly Split[]): StepError {
  const lists = splits.map((split) => `${split}.txt`).join(" and ");
  return new StepError(`Tile "${name}" is in both ${lists} of "${folder}"`, {
    hint: "Leave it in one list: what a model trains on must not test it",
  });
}
