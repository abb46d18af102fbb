// The plugin contract: everything that a plugin may import from the engine. A plugin is data (what it
// needs, makes, may touch and costs) and one `run` function that the engine calls in a sandbox.
import { z } from "zod";

export { z };

/** What a step is for; groups and colours it, decides nothing. */
export type Kind = "prepare" | "train" | "test" | "visualize" | "register" | "other";

/** One named input or output. Types are names compared for equality. */
export interface Port {
  /** Name of the type of artifact. */
  readonly type: string;
  /** What is in it, for tables and editors. */
  readonly description: string;
  /** An input that may be left unconnected. */
  readonly optional?: boolean;
  /** An input that takes a list: all steps of a matrix, or several outputs; a single one is a list of one. */
  readonly many?: boolean;
  /**
   * Of an output: the part of the data that it tells of, such as "test", or the option that names the part. So
   * does all that is made from it.
   */
  readonly reveals?: string | { readonly option: string };
  /** Of an input: the part of the data of which nothing it is given may tell, over however many steps. */
  readonly refuses?: string;
}

/** Inputs or outputs by name. */
export type Ports = Readonly<Record<string, Port>>;

/** What the sandbox allows besides reading the inputs and writing the outputs and scratch folder. */
export interface Permissions {
  /** Native libraries. They can read past the sandbox's checks: keep such plugins few. */
  readonly ffi?: boolean;
  /** Environment variables that the step sees; their values are part of the fingerprint. */
  readonly env?: readonly string[];
  /** Environment variables that only native libraries look at; never set, not in the fingerprint. */
  readonly probeEnv?: readonly string[];
  /** Hosts that it may connect to; `$NAME` stands for that of the URL in a variable. */
  readonly net?: readonly string[];
  /** Programs that it may start. */
  readonly run?: readonly string[];
  /** Facts of the system that it may ask for. */
  readonly sys?: readonly SysCall[];
  /** Named folders in the project's state that outlive runs, such as "registry". */
  readonly shared?: readonly string[];
  /**
   * Sees the variables of the server that follows the run, if one does, such as MLFLOW_RUN_ID. They are not in
   * the fingerprint: they may say where to report, never what to make.
   */
  readonly tracking?: boolean;
}

/** System facts that Deno guards one by one. */
export type SysCall = "hostname" | "osRelease" | "systemMemoryInfo" | "cpus" | "networkInterfaces";

/** What a step asks of the machine while it runs. Memory as bytes or text such as "4GiB". */
export interface ResourceRequest {
  /** Processors; "all" for work that uses as many as there are. Cut down to what the machine has. */
  readonly cpus?: number | "all";
  /** Memory that it needs at once. */
  readonly memory?: number | string;
  /**
   * GPUs that it uses, each for itself alone unless `gpuMemory` says how much of them it takes; "any" for one
   * where the machine has one.
   */
  readonly gpus?: number | "any";
  /** Memory that it needs of each GPU; other steps may use the rest. Cut down to what the largest has. */
  readonly gpuMemory?: number | string;
}

/** What the scheduler granted: numbers to size thread pools and batches by. */
export interface Lease {
  /** Processors. */
  readonly cpus: number;
  /** Memory; 0 where nobody said how much the step needs. */
  readonly memoryBytes: number;
  /** Ids of the GPUs that this step may use. */
  readonly gpus: readonly string[];
  /** Memory that it may use of each of those; 0 where it has none. */
  readonly gpuMemoryBytes: number;
}

/** An input as a step sees it: a read-only folder. */
export interface InputArtifact {
  /** Absolute path of the folder. */
  readonly path: string;
  /** Name of the type of artifact. */
  readonly type: string;
}

/** A state that a step saved on its way. */
export interface Checkpoint {
  /** How far that was, as `save` was told. */
  readonly at: number;
  /** A folder to read. */
  readonly path: string;
}

/** States that a step leaves on its way, so that it can go on from there when it runs again. */
export interface Checkpoints {
  /**
   * The furthest whole checkpoint at or before `atMost` of a step with the same code, options, inputs, files,
   * variables and seed; options that are `monotone` may differ. Whoever does not go on from it asks for an
   * earlier one: the result is recorded as resumed from the last answer.
   */
  latest(atMost?: number): Promise<Checkpoint | undefined>;
  /**
   * Lets `write` fill an empty folder and keeps it; done once it is stored. `at` is a whole number that grows,
   * such as an epoch. Nothing is kept, with a warning, once an input changed since the step began.
   */
  save(at: number, write: (folder: string) => Promise<void>): Promise<void>;
}

/** One artifact of an input that takes a list. */
export interface InputItem extends InputArtifact {
  /** The step that made it, such as `train[lr=0.001,base=16]`. */
  readonly name: string;
  /** The values of that step's matrix, such as `{ lr: 0.001, base: 16 }`; empty where it has none. */
  readonly matrix: Readonly<Record<string, boolean | number | string>>;
}

/** What a step is given for an input; a list is empty where an optional input is not connected. */
export type InputOf<Declared extends Port> = Declared extends { readonly many: true }
  ? readonly InputItem[]
  : Declared extends { readonly optional: true } ? InputArtifact | undefined
  : InputArtifact;

/** All that a running step may touch. */
export interface StepContext<Config, Inputs extends Ports, Outputs extends Ports> {
  /** The options, checked, with defaults filled in. */
  readonly config: Config;
  /** What is connected, by the name of the input. */
  readonly inputs: { readonly [Name in keyof Inputs]: InputOf<Inputs[Name]> };
  /** One empty folder per output, to be filled. */
  readonly outputs: { readonly [Name in keyof Outputs]: string };
  /** A folder for temporary files, removed afterwards. */
  readonly scratch: string;
  /** The shared folders that `permissions.shared` names. */
  readonly shared: Readonly<Record<string, string>>;
  /** What it may use of the machine. */
  readonly lease: Lease;
  /** The workflow's seed: the only source of randomness that a plugin may use. */
  readonly seed: number;
  /** Aborted when the run is cancelled: stop at the next good place. */
  readonly signal: AbortSignal;
  /** Reports a line, shown and kept in the log. */
  log(message: string): void;
  /** Reports something that the user should know of. */
  warn(message: string): void;
  /** Reports how far the work is; may be called often. */
  progress(done: number, total: number, unit?: string): void;
  /** Reports a value of a named curve, such as loss at an epoch. */
  metric(name: string, value: number, step?: number): void;
  /** Declares a file in a shared folder that this result stands for: reuse ends when it changes. */
  effect(path: string): void;
  /** States of this step on its way, to go on from after a run that was cut short. */
  readonly checkpoint: Checkpoints;
}

/** A program to spawn instead of a `run` function; `${{ inputs.x }}` and `${{ outputs.x }}` stay as roles. */
export interface CommandTemplate {
  /** The program and its arguments. */
  readonly argv: readonly string[];
  /** Variables of its environment. */
  readonly env: Readonly<Record<string, string>>;
}

/** A schema of options. */
export type ConfigSchema = z.ZodObject;

/** A schema of one option. */
export type OptionSchema = z.ZodType;

/** A schema of an option that is text. */
export type TextSchema = z.ZodString;

/** Options as the plugin is given them, defaults filled in. */
export type ConfigOf<Schema extends ConfigSchema> = Schema["_zod"]["output"];

/** A plugin's declaration. See `plugins/README.md`. */
export interface PluginDefinition<
  Schema extends ConfigSchema = ConfigSchema,
  Inputs extends Ports = Ports,
  Outputs extends Ports = Ports,
> {
  /** Kebab-case name. */
  readonly name: string;
  /** What it is for. */
  readonly kind: Kind;
  /** What it does, as a sentence without a full stop. */
  readonly description: string;
  /** Raise it when the meaning of results changes although no code of the plugin did. */
  readonly version: number;
  /** Schema of its options, without transforms. */
  readonly config: Schema;
  /** "any" takes whatever the workflow connects. */
  readonly inputs: Inputs | "any";
  /** A function where the ports depend on the options. */
  readonly outputs: Outputs | ((config: ConfigOf<Schema>) => Ports);
  /** What it may touch besides inputs and outputs. */
  readonly permissions?: Permissions;
  /** What a step wants of the machine while it runs. */
  readonly resources?: (config: ConfigOf<Schema>) => ResourceRequest;
  /** Checks that need several options at once; each returned problem is shown at its option. */
  readonly check?: (config: ConfigOf<Schema>) => readonly OptionProblem[];
  /** Does the work, in a sandbox. */
  readonly run?: (context: StepContext<ConfigOf<Schema>, Inputs, Outputs>) => Promise<void> | void;
  /** Gives the program to start instead of `run`. */
  readonly command?: (config: ConfigOf<Schema>) => CommandTemplate;
}

/** A problem that a plugin finds in its options before anything runs. */
export interface OptionProblem {
  /** Names of nested options, outermost first. */
  readonly path: readonly (string | number)[];
  /** What is wrong, with the present and the wanted state; it is said after the name of the option. */
  readonly message: string;
  /** What to do about it. */
  readonly hint?: string;
}

/** Any plugin, its types forgotten; what registries hold. */
export interface Plugin
  extends Omit<PluginDefinition, "resources" | "check" | "run" | "command" | "outputs"> {
  /** See PluginDefinition. */
  readonly outputs: Ports | ((config: never) => Ports);
  /** See PluginDefinition. */
  readonly resources?: (config: never) => ResourceRequest;
  /** See PluginDefinition. */
  readonly check?: (config: never) => readonly OptionProblem[];
  /** See PluginDefinition. */
  readonly run?: (context: never) => Promise<void> | void;
  /** See PluginDefinition. */
  readonly command?: (config: never) => CommandTemplate;
}

/** Declares a plugin; an identity function that infers its types. */
export function definePlugin<
  Schema extends ConfigSchema,
  const Inputs extends Ports,
  const Outputs extends Ports,
>(
  definition: PluginDefinition<Schema, Inputs, Outputs>,
): PluginDefinition<Schema, Inputs, Outputs> {
  return definition;
}

/** An option that names a file or folder outside: hashed by content, readable in the sandbox. */
export function path(kind: "file" | "folder" | "any" = "any"): TextSchema {
  return z.string().min(1).meta({ cairnPath: kind });
}

/** Marks an option that changes how a step runs but not what it makes; it stays out of the fingerprint. */
export function runtimeOnly<Schema extends OptionSchema>(schema: Schema): Schema {
  return schema.meta({ cairnRuntimeOnly: true });
}

/**
 * Marks an option that only says how far to go, such as a number of epochs: a step may go on from a checkpoint
 * that was saved under another value of it. `when` limits that to certain values of other options.
 */
export function monotone<Schema extends OptionSchema>(
  schema: Schema,
  options: { readonly when?: Readonly<Record<string, string | number | boolean>> } = {},
): Schema {
  return schema.meta({ cairnMonotone: options.when ?? {} });
}

/** A failure that is the user's to mend: shown as message and hint, without a stack trace. */
export class StepError extends Error {
  /** Tells it from other errors, also across processes. */
  override readonly name = "StepError";
  /** What to do about it. */
  readonly hint: string | undefined;

  /** Makes a failure of a message, and of a hint that says what to do. */
  constructor(message: string, options: { readonly hint?: string; readonly cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.hint = options.hint;
  }
}
