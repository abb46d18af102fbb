// Which files decide how a run ends, and which of the files beside them cairn writes itself: pure but for the
// look at the plugins' code.
import { PluginCodes } from "../../cache/recipe/plugin_code.ts";
import type { Graph } from "../../graph/graph.ts";
import { CONFIG_FILES, resolutionFlags } from "../../graph/plugins/resolution.ts";
import { isWithin } from "../../workflow/source.ts";
import type { ProjectState } from "../folder/run_folder.ts";

/** What is to be told of; all paths are absolute. */
export interface WatchedPaths {
  /** Files, or folders that may be replaced as a whole. */
  readonly files: ReadonlySet<string>;
  /** Folders with all that lies below them. */
  readonly folders: readonly string[];
  /** Never told of, with all that lies below: what cairn writes. */
  readonly ignored: readonly string[];
  /** Set where more than what counts lies in the folders: says which of it may count. */
  readonly mayCount?: (path: string) => boolean;
}

/** The workflow's files, the code of its plugins, and what its options name and its expressions hash. */
export async function watchedPaths(graph: Graph, state: ProjectState): Promise<WatchedPaths> {
  const files = new Set(graph.workflow.files.map(({ absolute }) => absolute));
  const folders = new Set<string>();
  const add = (path: string): void => {
    files.add(path);
    if (isFolder(path)) folders.add(path);
  };
  for (const pattern of graph.workflow.hashes.flatMap(({ patterns }) => patterns)) {
    add(fixedPart(graph.workflow.projectFolder, pattern));
  }
  const { index, digests } = state.store;
  const codes = new PluginCodes({ index, digests, configFiles: CONFIG_FILES });
  for (const { plugin, paths } of graph.steps.values()) {
    const { stamps } = await codes.of(plugin, resolutionFlags(plugin));
    for (const path of stamps.keys()) files.add(path);
    for (const { absolute } of paths) add(absolute);
  }
  const ignored = [state.folder, ...graph.publish.map(({ target }) => target)];
  return { files, folders: [...folders], ignored };
}

/** The path that a pattern names before anything in it may vary. */
function fixedPart(folder: string, pattern: string): string {
  const parts = pattern.split("/").filter((part) => part !== "" && part !== ".");
  const wild = parts.findIndex((part) => /[*?]/.test(part));
  return [folder, ...parts.slice(0, wild === -1 ? parts.length : wild)].join("/");
}

/** Where the mistakes of a workflow that cannot run may be mended: code and words, anywhere in the project. */
export function pathsOfMistakes(
  workflow: string,
  project: string,
  ignored: readonly string[],
): WatchedPaths {
  const isHidden = (path: string): boolean =>
    /\/(\.|node_modules\/)/.test(path.slice(project.length));
  return {
    files: new Set([workflow]),
    folders: [project],
    ignored,
    mayCount: (path) => !isHidden(path),
  };
}

/** Says whether a change of a path is to be told of. */
export function isWatched(paths: WatchedPaths, path: string): boolean {
  if (paths.ignored.some((folder) => isWithin(path, folder))) return false;
  if (paths.files.has(path)) return true;
  return paths.folders.some((folder) => isWithin(path, folder)) && paths.mayCount?.(path) !== false;
}

function isFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
