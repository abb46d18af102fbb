// Decides which tiles to show: the best, the worst and some at random, none of them twice.
import { seededRandom, shuffled } from "../random.ts";
import type { TileScore } from "../scores/scores.ts";

/** Why a tile is shown. */
export type Pick = "best" | "worst" | "random";

/** A tile to show. */
export interface Choice {
  readonly pick: Pick;
  /** From 1 within its pick. */
  readonly rank: number;
  readonly name: string;
}

/** What to choose. */
export interface ChoiceOptions {
  readonly pick: readonly Pick[];
  /** Tiles for each pick, fewer where there are not so many. */
  readonly count: number;
  readonly seed: number;
  /** Tiles that show several classes: only where they run out is another one called best. */
  readonly varied: ReadonlySet<string>;
}

/** Chooses tiles for each pick in turn; tiles without labels are never chosen. */
export function chooseTiles(
  tiles: readonly TileScore[],
  options: ChoiceOptions,
): Choice[] {
  const ascending = tiles.filter(({ meanIou }) => meanIou !== null)
    .toSorted((a, b) => (a.meanIou ?? 0) - (b.meanIou ?? 0) || (a.name < b.name ? -1 : 1));
  const descending = ascending.toReversed();
  const isVaried = ({ name }: TileScore): boolean => options.varied.has(name);
  const ordered: Record<Pick, readonly TileScore[]> = {
    best: descending.filter(isVaried).concat(descending.filter((tile) => !isVaried(tile))),
    worst: ascending,
    random: shuffled(ascending, seededRandom(options.seed)),
  };
  const taken = new Set<string>();
  return [...new Set(options.pick)].flatMap((pick) => {
    const free = ordered[pick].filter(({ name }) => !taken.has(name)).slice(0, options.count);
    free.forEach(({ name }) => taken.add(name));
    return free.map(({ name }, index) => ({ pick, rank: index + 1, name }));
  });
}
