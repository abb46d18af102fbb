// Which results runs have used, as their journals tell: what a collection of garbage must leave alone.
import type { Usage } from "../../cache/upkeep/collect.ts";
import { type Digest, parseDigest } from "../../cache/content/digest.ts";
import type { ResultName } from "../../cache/upkeep/kept_results.ts";
import type { Event } from "../../events/event.ts";
import { readJournal } from "../../events/files/journal.ts";
import { isRunning, isWaiting, listRuns, type RunFolder, runFolder } from "./run_folder.ts";

/** What the newest runs, those that go on and those that wait have used, and the folders of all others. */
export interface RunUsage extends Usage {
  readonly stale: readonly RunFolder[];
  /** Ids of the runs that are no stale ones. */
  readonly kept: ReadonlySet<string>;
}

/** Reads the journals of the newest `keepRuns` runs, of all that go on, and of those that somebody waits for. */
export async function readUsage(stateFolder: string, keepRuns: number): Promise<RunUsage> {
  const results: ResultName[] = [];
  const trees: Digest[] = [];
  const stale: RunFolder[] = [];
  const kept = new Set<string>();
  for (const [at, id] of listRuns(stateFolder).entries()) {
    const run = runFolder(stateFolder, id);
    const goesOn = await isRunning(run);
    if (at >= keepRuns && !goesOn && !isWaiting(run)) {
      stale.push(run);
      continue;
    }
    kept.add(id);
    for (const event of await readEvents(run)) {
      results.push(...resultOf(event, id));
      if (goesOn && event.type === "step-finished") trees.push(...digestsIn(event.outputs));
    }
  }
  return { results, trees, stale, kept };
}

/** A run that was killed at once has no journal. */
async function readEvents({ journalPath }: RunFolder): Promise<readonly Event[]> {
  try {
    return await readJournal(journalPath);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

function resultOf(event: Event, run: string): readonly ResultName[] {
  if (event.type !== "step-reused" && event.type !== "step-finished") return [];
  const madeBy = event.type === "step-reused" ? event.madeBy : run;
  return digestsIn([event.fingerprint]).map((fingerprint) => ({ fingerprint, run: madeBy }));
}

function digestsIn(texts: Readonly<Record<string, string>> | readonly string[]): readonly Digest[] {
  return Object.values(texts).flatMap((text) => parseDigest(text) ?? []);
}
