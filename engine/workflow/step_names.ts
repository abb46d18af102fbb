// What texts name steps: `tiles`; of a matrix `train[lr=0.001]`, or without brackets all of its steps; of a
// group `prepared/tiles`, or `prepared` for all of its steps. In brackets, what is left out may be anything.
import { canonicalLabel, canonicalParts } from "./sections/matrix/labels.ts";

/** The steps that a text names. */
export interface NamedSteps {
  /** Full names, in the order of the workflow. */
  readonly names: readonly string[];
  /** Whether all or some steps of a matrix are meant; these are a list even where there is only one. */
  readonly isMatrix: boolean;
}

/** Why a text names no step. */
export type NoSteps =
  | {
    readonly why: "unknown";
    /** The part of the text that means nothing. */
    readonly name: string;
    /** What stands before that part: `prepared/`. */
    readonly within: string;
    /** What may stand in its place. */
    readonly candidates: Iterable<string>;
  }
  | { readonly why: "no-matrix"; readonly step: string }
  /** It may be a step of a matrix or group whose mistakes were reported. */
  | { readonly why: "unsure" };

/** A step that can be named. */
export interface NameableStep {
  readonly name: string;
  /** Whether it stands for the steps of a matrix or group that has mistakes. */
  readonly isUnsure?: boolean;
}

/** What one name between slashes stands for: a step, a group, or both for names of groups alone. */
class Node {
  /** Full name, where something has just this one. */
  own: string | undefined;
  isUnsure = false;
  readonly children = new Map<string, Family>();
}

/** What a name without brackets stands for: one node, or those of a matrix. */
class Family {
  plain: Node | undefined;
  readonly #byLabel = new Map<string, Node>();
  #canonical: ReadonlyMap<string, Node> | undefined;
  /** For each set of keys that was asked for, the nodes by their values of these keys. */
  readonly #byKeys = new Map<string, ReadonlyMap<string, readonly Node[]>>();

  get labels(): Iterable<string> {
    return this.#byLabel.keys();
  }

  get all(): readonly Node[] {
    return this.plain === undefined ? [...this.#byLabel.values()] : [this.plain];
  }

  add(label: string | undefined): Node {
    const known = label === undefined ? this.plain : this.#byLabel.get(label);
    if (known !== undefined) return known;
    const node = new Node();
    if (label === undefined) this.plain = node;
    else this.#byLabel.set(label, node);
    return node;
  }

  /** Finds the node of a label, whose keys may be in another order and whose numbers be written otherwise. */
  find(label: string): Node | undefined {
    this.#canonical ??= new Map(
      [...this.#byLabel].map(([known, node]) => [canonicalLabel(known), node]),
    );
    return this.#canonical.get(canonicalLabel(label));
  }

  /** Finds the nodes that have some values, whatever their others are. */
  fitting(label: string): readonly Node[] {
    const wanted = canonicalParts(label);
    const keys = wanted.map(keyOf);
    const id = keys.join(",");
    const groups = this.#byKeys.get(id) ?? this.#group(new Set(keys));
    this.#byKeys.set(id, groups);
    return groups.get(wanted.join(",")) ?? [];
  }

  #group(keys: ReadonlySet<string>): ReadonlyMap<string, readonly Node[]> {
    const groups = new Map<string, Node[]>();
    for (const [label, node] of this.#byLabel) {
      const values = canonicalParts(label).filter((part) => keys.has(keyOf(part))).join(",");
      const group = groups.get(values);
      if (group === undefined) groups.set(values, [node]);
      else group.push(node);
    }
    return groups;
  }
}

/** Finds steps by what people write. */
export class StepNames {
  readonly #steps: readonly NameableStep[];
  readonly #names: ReadonlySet<string>;
  #root: Node | undefined;

  constructor(steps: Iterable<NameableStep>) {
    this.#steps = [...steps];
    this.#names = new Set(this.#steps.map(({ name }) => name));
  }

  /** Finds the steps that a text names, or says why there are none. */
  find(text: string): NamedSteps | NoSteps {
    if (this.#names.has(text)) return { names: [text], isMatrix: false };
    let nodes: readonly Node[] = [this.#tree()];
    let isMatrix = false;
    let within = "";
    for (const part of partsOf(text)) {
      if (nodes.some(({ isUnsure }) => isUnsure)) return { why: "unsure" };
      const { written, label } = split(part);
      const families = nodes.flatMap(({ children }) => children.get(written) ?? []);
      const one = label === undefined ? [] : families.flatMap((family) => family.find(label) ?? []);
      const many = families.flatMap((family) =>
        label === undefined ? family.all : family.fitting(label)
      );
      isMatrix ||= one.length === 0 && families.some(({ plain }) => plain === undefined);
      const found = one.length > 0 ? one : many;
      if (found.length === 0) return noSteps(nodes, families, { part, within });
      nodes = found;
      within += `${part}/`;
    }
    return { names: nodes.flatMap(namesBelow), isMatrix };
  }

  /** Made for the first text that is no full name. */
  #tree(): Node {
    if (this.#root !== undefined) return this.#root;
    const root = new Node();
    for (const { name, isUnsure = false } of this.#steps) {
      let node = root;
      for (const part of partsOf(name)) {
        const { written, label } = split(part);
        const family = node.children.get(written) ?? new Family();
        node.children.set(written, family);
        node = family.add(label);
      }
      node.own = name;
      node.isUnsure = isUnsure;
    }
    this.#root = root;
    return root;
  }
}

function noSteps(
  nodes: readonly Node[],
  families: readonly Family[],
  { part, within }: { readonly part: string; readonly within: string },
): NoSteps {
  const { written } = split(part);
  if (families.length === 0) {
    const candidates = new Set(nodes.flatMap(({ children }) => [...children.keys()]));
    return { why: "unknown", name: written, within, candidates };
  }
  const plain = families.find((family) => family.plain !== undefined)?.plain;
  if (plain?.isUnsure === true) return { why: "unsure" };
  if (plain !== undefined) return { why: "no-matrix", step: written };
  const labels = families.flatMap((family) => [...family.labels]);
  return {
    why: "unknown",
    name: part,
    within,
    candidates: new Set(labels.map((label) => `${written}[${label}]`)),
  };
}

/** Full names of what a node stands for: itself, else all that lies below. */
function namesBelow({ own, children }: Node): readonly string[] {
  if (own !== undefined) return [own];
  return [...children.values()].flatMap((family) => family.all.flatMap(namesBelow));
}

/** Parts between slashes; slashes in brackets belong to a value. */
function partsOf(text: string): readonly string[] {
  return text.includes("/") ? text.split(/\/(?![^[]*\])/) : [text];
}

function split(part: string): { readonly written: string; readonly label?: string } {
  const bracket = part.indexOf("[");
  if (bracket === -1 || !part.endsWith("]")) return { written: part };
  return { written: part.slice(0, bracket), label: part.slice(bracket + 1, -1) };
}

function keyOf(part: string): string {
  return part.slice(0, part.indexOf("="));
}
