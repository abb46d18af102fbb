// Named moments at which a test may kill the engine, to prove that the next run ends right. Off unless the
// environment variable CAIRN_CRASH_AT names one, as `NAME` or for its n-th passing as `NAME:n`.

/** The moments, in the order in which a run passes them. */
export const CRASH_POINTS = [
  // A view of an input is made.
  "view-file-linked",
  "view-laid-out",
  "view-shown",
  // A step's result is stored.
  "result-scanned",
  "blob-stored",
  "blobs-stored",
  "manifest-stored",
  "record-written",
  "record-saved",
  "result-remembered",
  "result-told",
  // Outputs are copied to where people look.
  "publication-listed",
  "publication-staged",
  "publication-copied",
  "publication-finishing",
  "publication-finished",
  // A line of the journal is half written.
  "journal-line-torn",
] as const;

/** The moments that saving a checkpoint passes. */
export const CHECKPOINT_CRASH_POINTS = [
  "checkpoint-staged",
  "checkpoint-written",
  "checkpoint-saved",
  "checkpoint-moved-away",
  "checkpoint-kept",
] as const;

/** The moments that a collection of garbage passes. */
export const COLLECTION_CRASH_POINTS = ["collection-path-moved", "collection-moved"] as const;

/** The moments at which results go to a remote store and come from there. */
export const SHARING_CRASH_POINTS = [
  "object-sent",
  "objects-sent",
  "result-sent",
  "object-fetched",
  "objects-fetched",
] as const;

export type CrashPoint =
  | typeof CRASH_POINTS[number]
  | typeof CHECKPOINT_CRASH_POINTS[number]
  | typeof COLLECTION_CRASH_POINTS[number]
  | typeof SHARING_CRASH_POINTS[number];

const [armed = "", passing = "1"] = (Deno.env.get("CAIRN_CRASH_AT") ?? "").split(":");
let passingsLeft = Number(passing);

/** Says whether the engine is to be killed at a moment, for callers that must prepare it. */
export function isArmed(point: CrashPoint): boolean {
  return point === armed;
}

/** Kills this process where it was asked to die at this moment; otherwise does nothing. */
export function crashPoint(point: CrashPoint): void {
  if (isArmed(point) && --passingsLeft === 0) Deno.kill(Deno.pid, "SIGKILL");
}
