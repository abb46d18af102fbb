// Where things lie in `.cairn`: the store, and one folder per run with its journal and logs.
import { type MountList, refuseNetwork } from "../../cache/disk/file_system.ts";
import { statIfPresent } from "../../cache/disk/folders.ts";
import { isLocked } from "../../cache/disk/locks.ts";
import { Store } from "../../cache/store.ts";

/** A project's state on disk. */
export interface ProjectState extends AsyncDisposable {
  /** Absolute path of `.cairn`. */
  readonly folder: string;
  readonly store: Store;
}

/** Folder name of a project's state. */
export const STATE_FOLDER = ".cairn";

/**
 * Opens or makes a project's state in a folder, given absolute. Throws StoreFormatError for one of a later
 * version, and NetworkStoreError, before anything is written, for one that other machines may share.
 */
export async function openProjectState(
  path: string,
  options: { readonly mounts?: MountList } = {},
): Promise<ProjectState> {
  refuseNetwork(path, options.mounts);
  await Deno.mkdir(`${path}/runs`, { recursive: true });
  const folder = await Deno.realPath(path);
  const store = await Store.open(folder);
  return { folder, store, [Symbol.asyncDispose]: () => store[Symbol.asyncDispose]() };
}

/** One run's files. */
export interface RunFolder {
  readonly id: string;
  readonly path: string;
  readonly journalPath: string;
  /** What the run was asked to do. */
  readonly recipePath: string;
  /** How far its running steps are. */
  readonly progressPath: string;
  /** How busy the machine was meanwhile. */
  readonly loadPath: string;
  /** Asks for the run's end where it exists. */
  readonly cancelPath: string;
  /** There as long as a tracker still has to tell of the run: until then it is not deleted. */
  readonly waitingPath: string;
  logPath(step: string): string;
}

/** Makes the folder of a new run, which goes on until it is disposed; its id sorts by time. */
export async function makeRunFolder(
  stateFolder: string,
  nowMs: number,
): Promise<RunFolder & Disposable> {
  const time = new Date(nowMs).toISOString().replace(/[-:.Z]/g, "").replace("T", "-");
  const id = `${time}-${crypto.randomUUID().slice(0, 4)}`;
  const run = runFolder(stateFolder, id);
  await Deno.mkdir(`${run.path}/logs`, { recursive: true });
  const lock = await Deno.open(runningLock(run.path), { create: true, write: true });
  await lock.lock(true); // not tried: others who ask whether the run goes on hold it for a moment
  return { ...run, [Symbol.dispose]: () => lock.close() };
}

/** Says whether the process of a run is still there. */
export async function isRunning(run: RunFolder): Promise<boolean> {
  return await isLocked(runningLock(run.path));
}

/** Says whether a tracker still has to tell of a run. */
export function isWaiting({ waitingPath }: RunFolder): boolean {
  return statIfPresent(waitingPath) !== undefined;
}

function runningLock(path: string): string {
  return `${path}/running.lock`;
}

/** Names the files of a run. */
export function runFolder(stateFolder: string, id: string): RunFolder {
  const path = `${stateFolder}/runs/${id}`;
  return {
    id,
    path,
    journalPath: `${path}/journal.ndjson`,
    recipePath: `${path}/recipe.json`,
    progressPath: `${path}/progress.json`,
    loadPath: `${path}/load.ndjson`,
    cancelPath: `${path}/cancel`,
    waitingPath: `${path}/waiting`,
    logPath: (step) => `${path}/logs/${fileName(step)}.log`,
  };
}

/** A step's name as that of a file; what the names of a matrix's steps hold stays as it is. */
function fileName(step: string): string {
  return encodeURIComponent(step).replaceAll(/%(?:5B|5D|3D|2C|2B|25)/g, decodeURIComponent);
}

/** Ids of all runs, newest first. */
export function listRuns(stateFolder: string): readonly string[] {
  try {
    const folders = [...Deno.readDirSync(`${stateFolder}/runs`)].filter((entry) =>
      entry.isDirectory
    );
    return folders.map((entry) => entry.name).sort().reverse();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}
