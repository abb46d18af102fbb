// A checked workflow: what a YAML file says, with the place of every name and value kept for messages.
import type { Place } from "../diagnostics/diagnostic.ts";
import type { SourceFile } from "../diagnostics/source_file.ts";
import type { Expression } from "./expression/parse.ts";
import type { Json, JsonObject } from "./json.ts";

export type { Json, JsonObject };

/** A value and where it stands. */
export interface Located<T> {
  readonly value: T;
  readonly place: Place;
}

/** Finds the place of a nested option: of the value, or of the key itself. */
export interface Places {
  at(path: readonly (string | number)[], part: "key" | "value"): Place;
}

/** Names of the types that a parameter can have. */
export const PARAM_TYPES = ["string", "int", "number", "boolean", "list", "map"] as const;
/** The type of a parameter. */
export type ParamType = (typeof PARAM_TYPES)[number];

/** A parameter as its file declares it: what a form needs to ask for it. */
export interface ParamDeclaration {
  readonly name: string;
  readonly type: ParamType;
  readonly description: string;
  /** Absent where one must be given. */
  readonly default?: Json;
  /** The values that it may have; absent where any of its type will do. */
  readonly choices?: readonly Json[];
  /** Limits of a number, both inclusive. */
  readonly min?: number;
  readonly max?: number;
}

/** A file that was read to understand a workflow. */
export interface ReadFile {
  readonly absolute: string;
  readonly file: SourceFile;
}

/** What `hashFiles` gave for some patterns. */
export interface FilesHash {
  readonly patterns: readonly string[];
  readonly digest: string;
}

/** Options as written, expressions evaluated, not yet checked by the plugin. */
export interface Options {
  readonly value: JsonObject;
  readonly places: Places;
}

/** An edge that carries data: `inputs: { tiles: prepare.tiles }`. */
export interface InputLink {
  readonly port: Located<string>;
  /** A step's full name, or that of a matrix step without brackets for all of its combinations. */
  readonly step: Located<string>;
  /** Absent where the workflow names only the step: its one port of the right type is meant. */
  readonly output?: Located<string>;
  /** Present where the reference stands in a list: `models: [a.model, b.model]`. */
  readonly isListed?: true;
  /**
   * What the full name of the step starts with and the file of the reference does not know, as `prepared/` in a
   * group. A plugin is not told of it, so that a result does not depend on how a group is named.
   */
  readonly within?: string;
  /** Present where the reference names a group: what it says itself. */
  readonly via?: LinkThroughGroup;
}

/** A reference to a group, as its own file knows it. */
export interface LinkThroughGroup {
  readonly name: string;
  /** Absent where it names the group alone. */
  readonly output?: string;
  /** Values of the group's matrix; undefined where it has none. */
  readonly group: MatrixValues | undefined;
  /** These and those of the groups within. */
  readonly matrix: MatrixValues;
  readonly place: Place;
}

/** One value of a matrix. */
export type MatrixValue = boolean | number | string;

/** Values by key of the matrix. */
export type MatrixValues = Readonly<Record<string, MatrixValue>>;

/** Which one of a matrix's steps a step is. */
export interface Combination {
  /** Name of the matrix step as the file writes it. */
  readonly of: string;
  /** What stands in the brackets of the step's name: `lr=0.001,base=16`. */
  readonly label: string;
  readonly values: MatrixValues;
}

/** Amounts of things that steps use only so many of at once, by name. */
export type Tokens = Readonly<Record<string, number>>;

/** What a step asks for itself; overrides what its plugin declares. */
export interface StepResources {
  readonly cpus?: number;
  readonly memoryBytes?: number;
  readonly gpus?: number;
  /** On each GPU, which others may share. */
  readonly gpuMemoryBytes?: number;
  readonly tokens?: Tokens;
}

/** Ways in which a step can fail by itself, as `retry.on` names them. */
export const FAILURE_KINDS = ["failed", "timeout", "killed", "out-of-memory"] as const;
/** One of them. */
export type FailureKind = typeof FAILURE_KINDS[number];

/** How a step that failed is tried again. */
export interface Retry {
  /** How often at most, after the first attempt. */
  readonly times: number;
  /** How long to wait before the second attempt. */
  readonly delayMs: number;
  /** What each further wait is longer by. */
  readonly factor: number;
  /** After which failures; a number is the exit code of a program. */
  readonly on: readonly (FailureKind | number)[];
}

/** A value in an output that a condition reads: `steps.scores.metrics.macro.f1`. */
export interface ValueRead {
  /** As written. */
  readonly text: string;
  readonly step: Located<string>;
  readonly output: Located<string>;
  /** What leads to the value in the output's JSON file; the first one may be the name of that file. */
  readonly keys: readonly (string | number)[];
}

/** When a step runs. */
export interface Condition {
  /** As written, without its braces. */
  readonly text: string;
  /** What is to be computed during the run; true or false where nothing is. */
  readonly rest: Expression | boolean;
  /** All values that it mentions; those that count are named in `rest` by their number. */
  readonly reads: readonly ValueRead[];
  readonly place: Place;
}

/** A part of a step that could not be read; its mistakes have been reported. */
export type StepPart = "uses" | "matrix" | "with" | "inputs";

/** One step as the file describes it; its plugin has not been asked yet. */
export interface Step {
  /** With brackets where the step is one of a matrix: `train[lr=0.001,base=16]`. */
  readonly name: Located<string>;
  /** Absent where the step has no matrix. */
  readonly combination?: Combination;
  readonly uses: Located<string>;
  /** Absolute path of the folder of the step's file, where the path of a plugin starts from. */
  readonly folder: string;
  readonly with: Options;
  readonly inputs: readonly InputLink[];
  /** Order without data. */
  readonly after: readonly Located<string>[];
  readonly resources: StepResources;
  /** Of the key `resources`, else of the step's name. */
  readonly resourcesPlace: Place;
  /** Absent where the step always runs. */
  readonly condition?: Condition;
  readonly timeoutMs?: number;
  readonly retry?: Located<Retry>;
  readonly seed: number;
  /** Parts that no further check should look at; empty in a workflow without mistakes. */
  readonly damaged: ReadonlySet<StepPart>;
}

/** `publish: { report: pictures.figures }`: a copy of an output where people look. */
export interface Publication {
  /** Folder or file to write, absolute, inside the project folder. */
  readonly target: Located<string>;
  readonly step: Located<string>;
  readonly output?: Located<string>;
}

/** A whole workflow file, parameters filled in. */
export interface Workflow {
  readonly file: SourceFile;
  /** Absolute path of the file. */
  readonly path: string;
  /** Every file that was read for it, its own first: where one of them changes, so may the workflow. */
  readonly files: readonly ReadFile[];
  /** Every result of `hashFiles`, on which the workflow depends as well. */
  readonly hashes: readonly FilesHash[];
  /** Absolute path of the folder that relative data paths start from and that holds `.cairn`. */
  readonly projectFolder: string;
  readonly name: string;
  readonly description: string;
  /** Parameters with their final values. */
  readonly params: JsonObject;
  /** Names of the variables that are secret. */
  readonly secrets: readonly string[];
  /** How many there are of each token. */
  readonly tokens: Tokens;
  /** What it needs where it is a step of another workflow: words by name. */
  readonly inputs: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
  /** What the outputs of its groups refer to, which must be right even where nothing takes them. */
  readonly groupOutputs: readonly InputLink[];
  readonly publish: readonly Publication[];
  /** Plugins from elsewhere that may run with what they ask for, as steps name them. */
  readonly trust: readonly Located<string>[];
}
