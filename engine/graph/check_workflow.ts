// Everything that can be known of a workflow before it runs: loaded, built, all its mistakes in one list.
import { type Diagnostic, sortDiagnostics } from "../diagnostics/diagnostic.ts";
import { type LoadRequest, type LoadResult, loadWorkflow } from "../workflow/load.ts";
import { buildGraph } from "./build.ts";
import type { Graph } from "./graph.ts";
import { type NewlyTrusted, PluginLock } from "./plugins/plugin_lock.ts";
import type { PluginSource } from "./plugins/plugin_source.ts";

/** A graph that can run, or all that keeps it from running. */
export interface CheckResult {
  /** Present exactly where there are no errors. */
  readonly graph: Graph | undefined;
  /** What the file says, as far as it can be understood. */
  readonly loaded: LoadResult;
  /** Sorted by place. */
  readonly diagnostics: readonly Diagnostic[];
  /** Plugins from elsewhere that were not trusted before; noted in `cairn.lock`. */
  readonly trusted: readonly NewlyTrusted[];
}

/** Loads a workflow file and builds its graph; mistakes in the one do not hide those in the other. */
export async function checkWorkflow(
  request: LoadRequest,
  plugins: PluginSource,
): Promise<CheckResult> {
  const loaded = await loadWorkflow(request);
  const { workflow, diagnostics: found } = loaded;
  if (workflow === undefined) return { graph: undefined, loaded, diagnostics: found, trusted: [] };
  const lock = await PluginLock.open(workflow.projectFolder, {
    listed: new Set(workflow.trust.map(({ value }) => value)),
    all: request.trust === true,
  });
  if (!(lock instanceof PluginLock)) {
    const diagnostics = sortDiagnostics([...found, lock]);
    return { graph: undefined, loaded, diagnostics, trusted: [] };
  }
  const { graph, diagnostics: more } = await buildGraph(workflow, plugins, {
    cwd: request.cwd,
    lock,
  });
  const diagnostics = sortDiagnostics([...found, ...more]);
  const hasErrors = diagnostics.some(({ severity }) => severity === "error");
  if (hasErrors) return { graph: undefined, loaded, diagnostics, trusted: [] };
  await lock.save();
  return { graph, loaded, diagnostics, trusted: lock.trusted };
}
