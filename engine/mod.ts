// The engine's API: all that the page and outside code may import.
export type { ActionRecord } from "./cache/action_record.ts";
export { findAction, listActions } from "./cache/actions.ts";
export { type Digest, parseDigest } from "./cache/content/digest.ts";
export { type Difference, differences, sameFields } from "./cache/recipe/fingerprint.ts";
export { DamagedObjectError, type Store } from "./cache/store.ts";
export type { FileEntry, Tree } from "./cache/content/tree.ts";
export * from "./cli.ts";
export { openState, stateFolder } from "./cli/open_workflow.ts";
export { type Diagnostic, DiagnosticsError } from "./diagnostics/diagnostic.ts";
export { renderDiagnostics } from "./diagnostics/render.ts";
export type * from "./events/event.ts";
export type { Starter } from "./events/starter.ts";
export { JournalReader } from "./events/files/journal.ts";
export { LoadReader, type LoadSample } from "./events/files/load_file.ts";
export { type Progress, readProgress } from "./events/files/progress_file.ts";
export { foldEvents, type RunState, type StepState, type StepStatus } from "./events/run_state.ts";
export { skipWords } from "./events/skip_words.ts";
export { checkWorkflow } from "./graph/check_workflow.ts";
export { orderByNeeds } from "./graph/edges/cycle.ts";
export { type OptionRow, optionRows } from "./graph/editor/option_words.ts";
export type { Graph, GraphStep } from "./graph/graph.ts";
export { PluginLock } from "./graph/plugins/plugin_lock.ts";
export type { PluginProblem, ResolvedPlugin } from "./graph/plugins/plugin_source.ts";
export { type BuiltInPlugin, Registry } from "./graph/plugins/registry.ts";
export { startWorkflow, WorkflowError, type WorkflowOptions, type WorkflowRun } from "./library.ts";
export { findMaterial } from "./run/reuse/last_result.ts";
export { requestCancel } from "./run/folder/cancel_request.ts";
export type { StepForecast } from "./run/forecast/forecast.ts";
export { isSecret } from "./cache/recipe/secrets.ts";
export { readRecipe, type Recipe, type RecipeStep } from "./run/folder/recipe.ts";
export {
  isRunning,
  listRuns,
  openProjectState,
  type ProjectState,
  type RunFolder,
  runFolder,
} from "./run/folder/run_folder.ts";
export type { OpenTracker, ResolveAddresses, RunRequest, Tracker } from "./run/tracker.ts";
export { inspectMachine } from "./schedule/devices.ts";
export { findProjectFolder } from "./workflow/source.ts";
export type { ParamDeclaration } from "./workflow/workflow.ts";
