// The dependency graph of a checked workflow: every step with its plugin, its edges and its paths.
import type { Place } from "../diagnostics/diagnostic.ts";
import type { Expression } from "../workflow/expression/parse.ts";
import type {
  Combination,
  MatrixValues,
  Retry,
  StepResources,
  Workflow,
} from "../workflow/workflow.ts";
import type { ResolvedPlugin, ResolvedStep } from "./plugins/plugin_source.ts";

/** An edge that carries data, its port resolved. */
export interface GraphInput {
  /** Name of the input of the consuming plugin. */
  readonly port: string;
  /** Step that makes the artifact. */
  readonly from: string;
  /** Name of the output of that step. */
  readonly output: string;
  /** Present where the input is a list; its items stand one after the other in the list's order. */
  readonly item?: ListItem;
}

/** What a step is told of an artifact in a list. */
export interface ListItem {
  /** Full name of the step that makes it; with the output where one step gives several. */
  readonly name: string;
  /** Values of that step's matrix. */
  readonly matrix: MatrixValues;
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

/** A value in an output that a condition reads. */
export interface GraphRead {
  /** As written: `steps.scores.metrics.macro.f1`. */
  readonly text: string;
  /** Step that makes it. */
  readonly from: string;
  readonly output: string;
  /** What leads to it in the output's JSON file; the first one may be the name of that file. */
  readonly keys: readonly (string | number)[];
}

/** When a step runs. */
export interface GraphCondition {
  /** As written, without its braces. */
  readonly text: string;
  /** What is to be computed during the run; true or false where nothing is. */
  readonly rest: Expression | boolean;
  /** The values of other steps by their number in `rest`. */
  readonly reads: Readonly<Record<number, GraphRead>>;
  readonly place: Place;
}

/** A step with all that is known of it before anything runs. */
export interface GraphStep {
  readonly name: string;
  /** Where the workflow names it. */
  readonly place: Place;
  /** Absent where the step has no matrix. */
  readonly combination?: Combination;
  readonly plugin: ResolvedPlugin;
  readonly resolved: ResolvedStep;
  /** Names of the options that the workflow gives; the others are defaults. */
  readonly given: readonly string[];
  readonly inputs: readonly GraphInput[];
  /** Names of the steps that must end first, by data, by `if` or by `after`; each once. */
  readonly dependsOn: readonly string[];
  readonly paths: readonly GraphPath[];
  /** Names of the secrets in its options; absent where there are none. */
  readonly secrets?: readonly string[];
  /** What the workflow asks for instead of what the plugin wishes. */
  readonly resources: StepResources;
  /** Where it asks for that, else where it names the step. */
  readonly resourcesPlace: Place;
  /** Absent where it always runs. */
  readonly condition?: GraphCondition;
  /** Longest time of one attempt. */
  readonly timeoutMs?: number;
  /** Absent where a failure is final. */
  readonly retry?: Retry;
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
export type GraphWorkflow = Omit<
  Workflow,
  "inputs" | "steps" | "groupOutputs" | "publish" | "trust"
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

/** Says whether it is known before the run that a step does not take part in it. */
export function isLeftOut({ condition }: Pick<GraphStep, "condition">): boolean {
  return condition?.rest === false;
}

/** For each step the names of those that depend on it. */
export function consumersOf(
  steps: ReadonlyMap<string, GraphStep>,
): ReadonlyMap<string, readonly string[]> {
  const consumers = new Map<string, string[]>([...steps.keys()].map((name) => [name, []]));
  for (const { name, dependsOn } of steps.values()) {
    for (const producer of dependsOn) consumers.get(producer)?.push(name);
  }
  return consumers;
}
