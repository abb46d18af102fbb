// The engine's API: all that the page and outside code may import.
export { type CliContext, EXIT, type Probe } from "./cli/command.ts";
export { main } from "./cli/main.ts";
export { processTerminal, type Terminal } from "./cli/terminal.ts";
export { type Diagnostic, DiagnosticsError } from "./diagnostics/diagnostic.ts";
export { renderDiagnostics } from "./diagnostics/render.ts";
export type { Event, RunOutcome } from "./events/event.ts";
export { applyEvent, foldEvents, type RunState, type StepState } from "./events/run_state.ts";
export { checkWorkflow } from "./graph/check_workflow.ts";
export type { Graph, GraphStep } from "./graph/graph.ts";
export { type BuiltInPlugin, Registry } from "./graph/plugins/registry.ts";
export { openProjectState, type ProjectState } from "./run/run_folder.ts";
export { type RunOptions, runWorkflow } from "./run/run_workflow.ts";
export { inspectMachine } from "./schedule/devices.ts";
