// The dependency graph of a checked workflow: every step with its plugin, its edges and its paths.
import type { Place } from "../diagnostics/diagnostic.ts";
import type { StepResources, Workflow } from "../workflow/workflow.ts";
import type { ResolvedPlugin, ResolvedStep } from "./plugins/plugin_source.ts";

/** An edge that carries data, its port resolved. */
export interface GraphInput {
  /** Name of the input of the consuming plugin. */
  readonly port: string;
  /** Step that makes the artifact. */
  readonly from: string;
  /** Name of the output of that step. */
  readonly output: string;
}

/** What a path must lead to. */
export type PathKind = "file" | "folder" | "any";

/** An option that names a file or folder outside of the workflow's own artifacts. */
export interface GraphPath {
  /** Names that lead to the option, such as `["images"]` or `["files", 2]`. */
  readonly option: readonly (string | number)[];
  readonly absolute: string;
  readonly kind: PathKind;
}

/** A step with all that is known of it before anything runs. */
export interface GraphStep {
  readonly name: string;
  /** Where the workflow names it. */
  readonly place: Place;
  readonly plugin: ResolvedPlugin;
  readonly resolved: ResolvedStep;
  /** Names of the options that the workflow gives; the others are defaults. */
  readonly given: readonly string[];
  readonly inputs: readonly GraphInput[];
  /** Names of the steps that must end first, by data or by `after`; each once. */
  readonly dependsOn: readonly string[];
  readonly paths: readonly GraphPath[];
  /** What the workflow asks for instead of what the plugin wishes. */
  readonly resources: StepResources;
  /** Where it asks for that, else where it names the step. */
  readonly resourcesPlace: Place;
  readonly timeoutMs?: number;
  readonly seed: number;
}

/** A published output, its port resolved. */
export interface GraphPublication {
  /** Absolute path to write, inside the project folder. */
  readonly target: string;
  readonly step: string;
  readonly output: string;
}

/** What is still of interest of the workflow file. */
export type GraphWorkflow = Pick<
  Workflow,
  "file" | "path" | "projectFolder" | "name" | "description" | "params"
>;

/** A workflow with everything resolved: what a run is planned from. */
export interface Graph {
  readonly workflow: GraphWorkflow;
  /** In topological order, file order among equals. */
  readonly steps: ReadonlyMap<string, GraphStep>;
  /** For each step the names of the steps that depend on it, in the order of `steps`. */
  readonly consumers: ReadonlyMap<string, readonly string[]>;
  readonly publish: readonly GraphPublication[];
}
