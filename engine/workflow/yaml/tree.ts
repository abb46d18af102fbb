// The tree that YAML becomes: plain values that know the place of every key and value.
import type { Span } from "../../diagnostics/diagnostic.ts";

/** How deep values may lie inside each other. */
export const MAX_DEPTH = 64;

/** Any value with its place. */
export type YamlNode = YamlScalar | YamlList | YamlMap;

/** A single value. */
export interface YamlScalar {
  readonly kind: "scalar";
  /** Undefined where the file says something that is no value, which has been reported. */
  readonly value: null | boolean | number | string | undefined;
  /** With quotes; where nothing is written, the span of the key that the value belongs to. */
  readonly span: Span;
}

/** Values in order. */
export interface YamlList {
  readonly kind: "list";
  readonly items: readonly YamlNode[];
  readonly span: Span;
}

/** Values by name. */
export interface YamlMap {
  readonly kind: "map";
  /** In file order, each key once. */
  readonly entries: readonly YamlEntry[];
  readonly span: Span;
}

/** A name in a map and its value. */
export interface YamlEntry {
  readonly key: string;
  readonly keySpan: Span;
  readonly value: YamlNode;
}
