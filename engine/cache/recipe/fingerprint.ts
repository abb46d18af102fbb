// What decides reuse. The material is plain data first, so that `explain` can compare two of them field
// by field; the fingerprint is its digest.
import {
  type Digest,
  digestValue,
  type Encodable,
  Encoded,
  type Value,
} from "../content/digest.ts";

/** Everything that a step's result may depend on; nothing else is given to the step. */
export interface FingerprintMaterial {
  readonly plugin: {
    readonly name: string;
    readonly version: number;
    /** Digest per module of the plugin's code, by path relative to its entry; `npm:` packages by version. */
    readonly code: Readonly<Record<string, string>>;
    /** The program that it told to spawn, where it is not cairn's own: its code may be another by now. */
    readonly command?: {
      readonly argv: readonly string[];
      readonly env: Readonly<Record<string, string>>;
    };
  };
  /** Options with defaults; real paths and options that do not affect the output are left out. */
  readonly config: Value;
  /** Content of the files and folders that options name, by option. */
  readonly paths: Readonly<Record<string, Digest>>;
  /** Content of each input, by role; of an input that is a list, its items in their order. */
  readonly inputs: Readonly<Record<string, Digest | readonly ListedInput[]>>;
  /** Artifact type of each output, by role. */
  readonly outputs: Readonly<Record<string, string>>;
  /** Values of the declared environment variables; null where absent. */
  readonly env: Readonly<Record<string, string | null>>;
  /** Keyed hash of each secret in the options, by name; absent where there are none. */
  readonly secrets?: Readonly<Record<string, string>>;
  readonly platform: { readonly os: string; readonly arch: string; readonly runtime: string };
  readonly seed: number;
}

/** One item of an input that is a list: its content, and what else the step is told of it. */
export interface ListedInput {
  readonly name: string;
  /** Values of the matrix step that made it. */
  readonly matrix: Readonly<Record<string, boolean | number | string>>;
  readonly tree: Digest;
}

/** One field that differs between two materials. */
export interface Difference {
  /** Such as "config.lr", "inputs.tiles" or "plugin.code.train.ts". */
  readonly field: readonly string[];
  /** Undefined where the field was or is absent. */
  readonly before: Value | undefined;
  readonly after: Value | undefined;
}

/** The fingerprint of a material. */
export function fingerprintOf(material: FingerprintMaterial): Digest {
  const { plugin, ...rest } = material;
  const value = { ...rest, plugin: { ...plugin, code: encodedOnce(plugin.code) } };
  return digestValue("cairn-action/1", value as unknown as Encodable); // interfaces lack index signatures
}

/** Thousands of steps share the code of one plugin. */
const encodedCode = new WeakMap<FingerprintMaterial["plugin"]["code"], Encoded>();

function encodedOnce(code: FingerprintMaterial["plugin"]["code"]): Encoded {
  let encoded = encodedCode.get(code);
  if (encoded === undefined) {
    encoded = new Encoded(code);
    encodedCode.set(code, encoded);
  }
  return encoded;
}

/**
 * What a step's checkpoints go by: all of its material but the options that only say how far to go. So one is
 * only ever found by a step that would come to the same state on its own way.
 */
export function checkpointKeyOf(
  material: FingerprintMaterial,
  monotone: readonly string[],
): Digest {
  const config = Object.fromEntries(
    Object.entries(Object(material.config)).filter(([name]) => !monotone.includes(name)),
  ) as Value;
  return digestValue("cairn-checkpoint/1", { ...material, config } as unknown as Value);
}

/** Fields that differ, outermost first; lists are compared as wholes. */
export function differences(
  before: FingerprintMaterial,
  after: FingerprintMaterial,
): readonly Difference[] {
  return compared(before, after).filter(({ before, after }) => !isSame(before, after));
}

/** Fields that are the same, outermost first. */
export function sameFields(
  before: FingerprintMaterial,
  after: FingerprintMaterial,
): readonly (readonly string[])[] {
  return compared(before, after).filter(({ before, after }) => isSame(before, after))
    .map(({ field }) => field);
}

function compared(before: FingerprintMaterial, after: FingerprintMaterial): readonly Difference[] {
  const found: Difference[] = [];
  compare(before as unknown as Value, after as unknown as Value, [], found);
  return found;
}

function isSame(before: Value | undefined, after: Value | undefined): boolean {
  return JSON.stringify(before) === JSON.stringify(after);
}

/** Collects every field of either, equal or not. */

function compare(
  before: Value | undefined,
  after: Value | undefined,
  field: readonly string[],
  found: Difference[],
): void {
  if (isRecord(before) && isRecord(after)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
    for (const key of keys) compare(before[key], after[key], [...field, key], found);
  } else {
    found.push({ field, before, after });
  }
}

function isRecord(
  value: Value | undefined,
): value is { readonly [key: string]: Value | undefined } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
