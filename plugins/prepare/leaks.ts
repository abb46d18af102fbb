// Finds source images that lie in two splits, by name and by content: what a model trains on must not test it.
import { createHash } from "node:crypto";
import { StepError } from "../../engine/plugin.ts";
import type { Split } from "../tiles/manifest.ts";
import { SPLITS } from "./split.ts";

/** A source image and where its tiles went. */
export interface DividedSource {
  /** Name of the file. */
  readonly name: string;
  readonly path: string;
  readonly splits: ReadonlySet<Split>;
}

const NAMED = 5;

/** Says what is wrong where images lie in two splits, all of them at once; undefined where none does. */
export async function leakProblem(
  sources: readonly DividedSource[],
): Promise<StepError | undefined> {
  const divided = sources.filter(({ splits }) => splits.size > 1)
    .map(({ name, splits }) => `"${name}" is in ${listed(splits)}`);
  const copies = (await equalFiles(sources)).flatMap(([first, ...others]) =>
    others.filter(({ splits }) => new Set([...splits, ...first.splits]).size > 1)
      .map((other) =>
        `"${other.name}" in ${listed(other.splits)} is the same image as ` +
        `"${first.name}" in ${listed(first.splits)}`
      )
  );
  const found = [...divided, ...copies];
  if (found.length === 0) return undefined;
  const more = found.length > NAMED ? `, and ${found.length - NAMED} more` : "";
  const mend = copies.length === 0
    ? "Divide whole images"
    : 'Keep one file of each image, or keep them together with "group"';
  return new StepError(
    `What is in two splits leaks from one into the other: ${
      found.slice(0, NAMED).join("; ")
    }${more}`,
    { hint: `${mend}; "on-leak: warn" goes on all the same` },
  );
}

type Equals = readonly [DividedSource, ...DividedSource[]];

/** Groups of files with the same bytes; only files of one size are read. */
async function equalFiles(sources: readonly DividedSource[]): Promise<readonly Equals[]> {
  const bySize = await grouped(sources, async ({ path }) => String((await Deno.stat(path)).size));
  const byContent = await Promise.all(
    bySize.map((alike) => grouped(alike, ({ path }) => digestOf(path))),
  );
  return byContent.flat();
}

/** Groups of two and more that have a key in common. */
async function grouped(
  sources: readonly DividedSource[],
  keyOf: (source: DividedSource) => Promise<string>,
): Promise<readonly Equals[]> {
  const groups = new Map<string, [DividedSource, ...DividedSource[]]>();
  for (const source of sources) {
    const key = await keyOf(source);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [source]);
    else group.push(source);
  }
  return [...groups.values()].filter((group) => group.length > 1);
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  using file = await Deno.open(path);
  for await (const bytes of file.readable) hash.update(bytes);
  return hash.digest("hex");
}

function listed(splits: ReadonlySet<Split>): string {
  return SPLITS.filter((split) => splits.has(split)).join(" and ");
}
