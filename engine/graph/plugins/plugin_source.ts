// What the graph needs to know of plugins, as data: how a plugin is found and what it makes of options.
// The registry implements it for built-in and user plugins; tests implement it in memory.
import type { CommandTemplate, Kind, Permissions, Ports, ResourceRequest } from "../../plugin.ts";
import type { JsonObject } from "../../workflow/workflow.ts";
import type { PluginLock } from "./plugin_lock.ts";

/** A plugin's declaration as plain data. */
export interface ResolvedPlugin {
  readonly name: string;
  readonly kind: Kind;
  readonly description: string;
  readonly version: number;
  /** "any" takes whatever the workflow connects. */
  readonly inputs: Ports | "any";
  /** JSON Schema of the options, with `cairnPath`, `cairnRuntimeOnly` and `cairnMonotone` marks. */
  readonly configSchema: JsonObject;
  /** URL of the module that declares the plugin. */
  readonly specifier: string;
  /** Absolute path of the lock file that pins the code of a plugin from elsewhere. */
  readonly lockFile?: string;
  readonly permissions: Permissions;
}

/** What a plugin makes of the options of one step. */
export interface ResolvedStep {
  /** Options with defaults filled in. */
  readonly config: JsonObject;
  readonly outputs: Ports;
  readonly resources: ResourceRequest;
  /** Present where the step is a program to spawn. */
  readonly command?: CommandTemplate;
}

/** One thing wrong with a step's options; `path` leads to it, outermost name first. */
export interface OptionIssue {
  readonly kind: "unknown" | "missing" | "wrong-type" | "out-of-range" | "bad-value";
  readonly path: readonly (string | number)[];
  /** The wanted state and the present one: `must be a whole number, not "many"`. */
  readonly message: string;
  /** The name at fault, where an option is unknown or missing. */
  readonly key?: string;
  /** Words that would have been understood, for the nearest one. */
  readonly candidates?: readonly string[];
  readonly hint?: string;
}

/** Why a plugin cannot be had. */
export interface PluginProblem {
  /** Goes on from the plugin's name: `does not exist`. */
  readonly problem: string;
  readonly hint?: string;
  /** Where in its code, by absolute path. */
  readonly at?: { readonly path: string; readonly line: number; readonly column: number };
}

/** Finds plugins and asks them about options. */
export interface PluginSource {
  /** Names of the built-in plugins, for suggestions. */
  readonly names: readonly string[];
  /** Finds the plugin that `uses` names; relative files start from `folder`, `lock` pins what is not a file. */
  resolve(uses: string, folder: string, lock: PluginLock): Promise<ResolvedPlugin | PluginProblem>;
  /** Checks options and fills defaults, or says all that is wrong with them. */
  configure(
    plugin: ResolvedPlugin,
    config: JsonObject,
  ): Promise<ResolvedStep | readonly OptionIssue[]>;
}
