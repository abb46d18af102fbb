// What the parts of one run share.
import type { Digest } from "../cache/content/digest.ts";
import type { LastResults } from "../cache/index/last_results.ts";
import type { PluginCodes } from "../cache/recipe/plugin_code.ts";
import type { Store } from "../cache/store.ts";
import type { Emit, SkipReason } from "../events/event.ts";
import type { Graph } from "../graph/graph.ts";
import type { ResourcePool } from "../schedule/resources.ts";
import type { RunFolder } from "./folder/run_folder.ts";
import type { Environment } from "./process/sandbox.ts";
import type { SecretValues } from "./secret_values.ts";
import type { SharedResults } from "./shared_results.ts";
import type { Tracker } from "./tracker.ts";

/** What it takes to say whether a step can be reused. */
export interface ReuseContext {
  readonly graph: Graph;
  /** Identity of the graph as a remembered one; undefined where it is not remembered. */
  readonly graphIdentity: Digest | undefined;
  readonly store: Store;
  /** Absolute path of `.cairn`. */
  readonly stateFolder: string;
  readonly environment: Environment;
  readonly secrets: SecretValues;
  /** Aborted when the run is interrupted. */
  readonly signal: AbortSignal;
  readonly lastResults: LastResults;
  readonly codes: PluginCodes;
  /** Steps that run although they could be reused. */
  readonly forced: ReadonlySet<string>;
  /** Tree digest per output port of every step that has succeeded so far. */
  readonly outputs: Map<string, Readonly<Record<string, Digest>>>;
  /** Why a step does not take part, by name, of those that a condition keeps out so far. */
  readonly skipped: Map<string, SkipReason>;
  /** Results of a remote store; undefined where there is none. */
  readonly shared: SharedResults | undefined;
}

/** What it takes to run a step. */
export interface RunContext extends ReuseContext {
  readonly run: RunFolder;
  readonly pool: ResourcePool;
  /** Whether steps that do not depend on a failed one still start. */
  readonly keepGoing: boolean;
  /** How long each step will probably take; empty where nothing is known of that. */
  readonly expectedMs: ReadonlyMap<string, number>;
  /** Larger goes first. */
  readonly priorities: ReadonlyMap<string, number>;
  readonly emit: Emit;
  /** What follows the run from outside; absent where nothing does. */
  readonly tracker?: Tracker | undefined;
  /** What changed under a step while it ran, by step: its result serves this run's steps, and nobody else. */
  readonly tainted: Map<string, string>;
  /** Steps that saved a checkpoint in this run: a further attempt may go on from it, forced or not. */
  readonly saved: Set<string>;
}
