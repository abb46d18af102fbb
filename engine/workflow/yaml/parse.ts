// From YAML text to a tree of plain values that keeps the place of every key and value. Whatever JSON
// cannot say, and whatever could cost unbounded time or memory, becomes a diagnostic here.
import { type Alias, isAlias, isMap, isScalar, type Node, type Pair, parseDocument } from "yaml";
import type { Scalar, YAMLMap, YAMLSeq } from "yaml";
import {
  aliasesTooLarge,
  anchorInsideItself,
  duplicateKey,
  keyNotSimple,
  keyNotText,
  nestedTooDeeply,
  numberNotExact,
  numberNotFinite,
  unknownAnchor,
} from "../../diagnostics/catalog.ts";
import {
  type Diagnostic,
  DiagnosticsError,
  type Place,
  type Span,
} from "../../diagnostics/diagnostic.ts";
import type { SourceFile } from "../../diagnostics/source_file.ts";
import { findHopelessDepth, syntaxDiagnostic } from "./syntax.ts";
import {
  MAX_DEPTH,
  type YamlEntry,
  type YamlList,
  type YamlMap,
  type YamlNode,
  type YamlScalar,
} from "./tree.ts";

const MAX_ALIASED_VALUES = 100_000;

/** The tree is absent where the text does not parse or says nothing. */
export interface ParsedYaml {
  readonly root: YamlNode | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** Parses one YAML document with the full parser, whatever the text. */
export function parseFully(file: SourceFile): ParsedYaml {
  const hopeless = findHopelessDepth(file, MAX_DEPTH);
  if (hopeless !== undefined) return { root: undefined, diagnostics: [hopeless] };
  // The library compares every pair of keys; `#map` does the same in linear time.
  const document = parseDocument(file.text, { uniqueKeys: false, prettyErrors: false });
  const faults = [...document.errors, ...document.warnings];
  if (faults.length > 0) {
    return { root: undefined, diagnostics: [syntaxDiagnostic(file, faults, MAX_DEPTH)] };
  }
  const builder = new TreeBuilder(file);
  const { contents } = document;
  const root = contents === null || isNothing(contents) ? undefined : builder.build(contents);
  return { root, diagnostics: builder.diagnostics };
}

function isNothing(node: Node): boolean {
  return isScalar(node) && node.value === null && (node.source ?? "") === "";
}

class TreeBuilder {
  readonly diagnostics: Diagnostic[] = [];
  readonly #anchors = new Map<string, Node>();
  readonly #open = new Set<Node>();
  #aliasedValues = 0;
  /** Where the outermost alias stands whose value is being built. */
  #aliasPlace: Place | undefined;

  constructor(readonly file: SourceFile) {}

  build(root: Node): YamlNode | undefined {
    try {
      return this.#node(root, { start: 0, end: 0 }, 0);
    } catch (error) {
      if (!(error instanceof DiagnosticsError)) throw error;
      this.diagnostics.push(...error.diagnostics);
      return undefined;
    }
  }

  #node(node: Node | null, fallback: Span, depth: number): YamlNode {
    if (node === null) return { kind: "scalar", value: null, span: fallback };
    if (depth > MAX_DEPTH) this.#stop(nestedTooDeeply(this.#place(node), MAX_DEPTH));
    if (isAlias(node)) return this.#alias(node, depth);
    this.#count();
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, node);
    if (isScalar(node)) return this.#scalar(node, fallback);
    this.#open.add(node);
    const result = isMap(node)
      ? this.#map(node as YAMLMap<Node, Node | null>, depth)
      : this.#list(node as YAMLSeq<Node>, depth);
    this.#open.delete(node);
    return result;
  }

  #alias(alias: Alias, depth: number): YamlNode {
    const place = this.#place(alias);
    const target = this.#anchors.get(alias.source);
    if (target === undefined) return this.#stop(unknownAnchor(place, alias.source));
    if (this.#open.has(target)) return this.#stop(anchorInsideItself(place, alias.source));
    const outer = this.#aliasPlace;
    this.#aliasPlace = outer ?? place;
    const result = this.#node(target, place.span, depth);
    this.#aliasPlace = outer;
    // Mistakes in the repeated value belong to the place that repeats it.
    return { ...result, span: place.span };
  }

  #count(): void {
    if (this.#aliasPlace === undefined) return;
    this.#aliasedValues++;
    if (this.#aliasedValues > MAX_ALIASED_VALUES) {
      this.#stop(aliasesTooLarge(this.#aliasPlace, MAX_ALIASED_VALUES));
    }
  }

  #list(node: YAMLSeq<Node>, depth: number): YamlList {
    const { start, end } = spanOf(node);
    const items = node.items.map((item) => this.#node(item, { start, end }, depth + 1));
    // A block ends, as people see it, where its last value does.
    const seen = node.flow === true ? undefined : items.at(-1)?.span.end;
    return { kind: "list", items, span: { start, end: seen ?? end } };
  }

  #map(node: YAMLMap<Node, Node | null>, depth: number): YamlMap {
    const seen = new Map<string, Span>();
    const entries: YamlEntry[] = [];
    for (const pair of node.items) {
      const entry = this.#entry(pair, depth);
      if (entry === undefined) continue;
      const first = seen.get(entry.key);
      if (first === undefined) {
        seen.set(entry.key, entry.keySpan);
        entries.push(entry);
      } else {
        const place = { file: this.file, span: entry.keySpan };
        this.#report(duplicateKey(place, entry.key, { file: this.file, span: first }));
      }
    }
    return {
      kind: "map",
      entries,
      span: node.flow === true ? spanOf(node) : spanOfBlock(node, entries),
    };
  }

  #entry(pair: Pair<Node, Node | null>, depth: number): YamlEntry | undefined {
    const { key } = pair;
    if (!isScalar(key)) {
      this.#report(keyNotSimple(this.#place(key)));
      return undefined;
    }
    // A whole number is taken as it is written: tables of mask values have such keys.
    const isNumber = typeof key.value === "number" && /^-?\d+$/.test(key.source ?? "");
    const name = isNumber ? key.source : key.value;
    if (typeof name !== "string") {
      this.#report(keyNotText(this.#place(key), key.source || "nothing"));
      return undefined;
    }
    const keySpan = spanOf(key);
    return { key: name, keySpan, value: this.#node(pair.value, keySpan, depth + 1) };
  }

  #scalar(node: Scalar, fallback: Span): YamlScalar {
    const { value } = node;
    const isWritten = node.range !== undefined && node.range !== null &&
      node.range[1] > node.range[0];
    const span = isWritten ? spanOf(node) : fallback;
    if (typeof value === "number") {
      const isFit = this.#checkNumber(value, node, { file: this.file, span });
      return { kind: "scalar", value: isFit ? value : undefined, span };
    }
    const isPlain = typeof value === "string" || typeof value === "boolean";
    return { kind: "scalar", value: isPlain ? value : null, span };
  }

  #checkNumber(value: number, node: Scalar, place: Place): boolean {
    const text = node.source ?? String(value);
    const isWhole = /^[-+]?\d+$/.test(text);
    if (!Number.isFinite(value)) this.#report(numberNotFinite(place, text));
    else if (isWhole && !Number.isSafeInteger(value)) this.#report(numberNotExact(place, text));
    else return true;
    return false;
  }

  #place(node: Node): Place {
    return { file: this.file, span: spanOf(node) };
  }

  // A repeated value's mistakes were reported where it first stands.
  #report(diagnostic: Diagnostic): void {
    if (this.#aliasPlace === undefined) this.diagnostics.push(diagnostic);
  }

  // Going on would cost too much or never end.
  #stop(diagnostic: Diagnostic): never {
    throw new DiagnosticsError([diagnostic]);
  }
}

function spanOfBlock(node: Node, entries: readonly YamlEntry[]): Span {
  const { start, end } = spanOf(node);
  return { start, end: entries.at(-1)?.value.span.end ?? end };
}

function spanOf(node: Node): Span {
  const [start, end] = node.range ?? [0, 0];
  return { start, end };
}
