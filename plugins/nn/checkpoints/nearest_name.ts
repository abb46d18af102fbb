// Finds the name that is most like another one.

/** A name that shares less of its letters is another name. */
const LEAST_SHARED = 1 / 2;
/** Longer names are not compared, which would take long. */
const LONGEST = 200;

/** Gives the candidate that takes the fewest changes of single letters, or undefined where none is like. */
export function nearestName(name: string, candidates: readonly string[]): string | undefined {
  const ranked = candidates
    .filter((candidate) => Math.max(name.length, candidate.length) <= LONGEST)
    .map((candidate) => ({ candidate, changes: changesBetween(name, candidate) }))
    .filter(({ candidate, changes }) =>
      changes <= (1 - LEAST_SHARED) * Math.max(name.length, candidate.length)
    )
    .sort((a, b) => a.changes - b.changes);
  return ranked[0]?.candidate;
}

/** Letters to insert, delete or replace (Levenshtein's distance), row by row. */
function changesBetween(from: string, to: string): number {
  let above = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const replaced = above[column - 1]! + (from[row - 1] === to[column - 1] ? 0 : 1);
      current.push(Math.min(replaced, above[column]! + 1, current[column - 1]! + 1));
    }
    above = current;
  }
  return above[to.length]!;
}
