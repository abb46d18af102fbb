// Everything that can be known of a workflow before it runs: loaded, built, all its mistakes in one list.
import { type Diagnostic, sortDiagnostics } from "../diagnostics/diagnostic.ts";
import { type LoadRequest, type LoadResult, loadWorkflow } from "../workflow/load.ts";
import { buildGraph } from "./build.ts";
import type { Graph } from "./graph.ts";
import type { PluginSource } from "./plugins/plugin_source.ts";

/** A graph that can run, or all that keeps it from running. */
export interface CheckResult {
  /** Present exactly where there are no errors. */
  readonly graph: Graph | undefined;
  /** What the file says, as far as it can be understood. */
  readonly loaded: LoadResult;
  /** Sorted by place. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Loads a workflow file and builds its graph; mistakes in the one do not hide those in the other. */
export async function checkWorkflow(
  request: LoadRequest,
  plugins: PluginSource,
): Promise<CheckResult> {
  const loaded = await loadWorkflow(request);
  const { workflow, diagnostics: found } = loaded;
  if (workflow === undefined) return { graph: undefined, loaded, diagnostics: found };
  const { graph, diagnostics: more } = await buildGraph(workflow, plugins, request.cwd);
  const diagnostics = sortDiagnostics([...found, ...more]);
  const hasErrors = diagnostics.some(({ severity }) => severity === "error");
  return { graph: hasErrors ? undefined : graph, loaded, diagnostics };
}
