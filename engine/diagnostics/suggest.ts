// Finds the name that somebody probably meant, and words the hint that says so.

const LISTED = 15; // so many that cairn's commands are listed whole

/**
 * Returns the candidate nearest to a word by edits (insert, delete, replace, swap neighbours), or
 * undefined where none is near enough to be a slip. Case and the choice of `-` or `_` cost nothing.
 */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const wanted = fold(word);
  let best: string | undefined;
  let bestDistance = Math.max(wanted.length < 3 ? 0 : 1, Math.floor(wanted.length / 3)) + 1;
  for (const candidate of candidates) {
    if (candidate === word) return candidate;
    const folded = fold(candidate);
    if (Math.abs(folded.length - wanted.length) >= bestDistance) continue;
    const distance = editDistance(wanted, folded, bestDistance);
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

/** Words a hint: the nearest name, else the whole list under its label, else nothing. */
export function suggestion(
  word: string,
  candidates: readonly string[],
  label: string,
): string | undefined {
  const near = nearest(word, candidates);
  if (near !== undefined) return `Did you mean ${quote(near)}?`;
  return candidates.length === 0 ? undefined : `${label}: ${quoteList(candidates)}`;
}

/** Puts words in double quotes, joined by commas; long lists end in a count. */
export function quoteList(words: readonly string[]): string {
  const shown = words.slice(0, LISTED).map(quote).join(", ");
  return words.length > LISTED ? `${shown} and ${words.length - LISTED} more` : shown;
}

/** Puts a word in double quotes; long and many-lined ones are cut. */
export function quote(word: string): string {
  return `"${shorten(word)}"`;
}

/** Puts a path in double quotes, whole: people copy it. */
export function quotePath(path: string): string {
  return `"${path.replace(/\s+/g, " ")}"`;
}

/** Makes one line of at most 80 characters of a text. */
export function shorten(text: string): string {
  const line = text.replace(/\s+/g, " ");
  return line.length > 80 ? `${line.slice(0, 79)}…` : line;
}

function fold(word: string): string {
  return word.slice(0, 80).toLowerCase().replaceAll("_", "-");
}

// Optimal string alignment over three rolling rows; gives `limit` as soon as no row can stay below.
function editDistance(a: string, b: string, limit: number): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    let smallest = i;
    for (let j = 1; j <= b.length; j++) {
      const change = (last[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let cost = Math.min(change, (last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, (beforeLast[j - 2] ?? 0) + 1);
      }
      row.push(cost);
      smallest = Math.min(smallest, cost);
    }
    if (smallest >= limit) return limit;
    [beforeLast, last] = [last, row];
  }
  return last[b.length] ?? limit;
}
