// The combinations that a matrix makes, by the rules of GitHub Actions: all values with all values, less
// what is excluded, then what is included. Pure; takes time linear in combinations and rules.
import type { MatrixValue, MatrixValues } from "../../workflow.ts";
import { labelOf, valueText } from "./labels.ts";

/** A matrix as it is written. */
export interface Matrix {
  readonly axes: readonly Axis[];
  readonly exclude: readonly MatrixValues[];
  readonly include: readonly MatrixValues[];
}

/** A key and the values that it takes. */
export interface Axis {
  readonly key: string;
  readonly values: readonly MatrixValue[];
}

/** A combination and what stands in the brackets of its step's name. */
export interface LabelledValues {
  readonly label: string;
  readonly values: MatrixValues;
}

/** What a matrix makes, and which of its rules do nothing. */
export interface Expansion {
  readonly combinations: readonly LabelledValues[];
  /** Positions in `exclude` of what fits no combination. */
  readonly excludingNothing: readonly number[];
  /** Positions in `include` of what makes the same combination as one before it. */
  readonly includedTwice: readonly number[];
}

/** How many combinations there are before any is excluded or included. */
export function productOf(axes: readonly Axis[]): number {
  return axes.length === 0 ? 0 : axes.reduce((product, { values }) => product * values.length, 1);
}

/** Makes a matrix's combinations, in the order of its values; those that only `include` makes come last. */
export function combine({ axes, exclude, include }: Matrix): Expansion {
  const keys = axes.map(({ key }) => key);
  const all = product(axes);
  const { kept, excludingNothing } = withoutExcluded(all, exclude);
  const original = kept.map((values) => ({ label: labelOf(keys, values), values }));
  const added = new Map<string, MatrixValues>();
  const includedTwice: number[] = [];
  const index = new CombinationIndex(original.map(({ values }) => values));
  const extended = new Map<number, MatrixValues>();
  for (const [position, rule] of include.entries()) {
    const fitting = index.fitting(only(rule, keys));
    // Values of the axes are never replaced, what an earlier inclusion added may be.
    for (const at of fitting) extended.set(at, { ...extended.get(at), ...rule });
    if (fitting.length > 0) continue;
    const label = labelOf([...new Set([...keys, ...Object.keys(rule)])], rule);
    if (added.has(label)) includedTwice.push(position);
    else added.set(label, rule);
  }
  return {
    combinations: [
      ...original.map(({ label, values }, at) => ({
        label,
        values: { ...values, ...extended.get(at) },
      })),
      ...[...added].map(([label, values]) => ({ label, values })),
    ],
    excludingNothing,
    includedTwice,
  };
}

function product(axes: readonly Axis[]): readonly MatrixValues[] {
  if (axes.length === 0) return [];
  let combinations: readonly MatrixValues[] = [{}];
  for (const { key, values } of axes) {
    combinations = combinations.flatMap((before) =>
      values.map((value) => ({ ...before, [key]: value }))
    );
  }
  return combinations;
}

function withoutExcluded(
  all: readonly MatrixValues[],
  exclude: readonly MatrixValues[],
): { readonly kept: readonly MatrixValues[]; readonly excludingNothing: readonly number[] } {
  const index = new CombinationIndex(all);
  const excluded = new Set<number>();
  const excludingNothing: number[] = [];
  for (const [position, rule] of exclude.entries()) {
    const fitting = index.fitting(rule);
    for (const at of fitting) excluded.add(at);
    if (fitting.length === 0) excludingNothing.push(position);
  }
  return { kept: all.filter((_, at) => !excluded.has(at)), excludingNothing };
}

/** Finds the combinations that have some values; asked for the same keys again, it need not search. */
class CombinationIndex {
  readonly #byKeys = new Map<string, Map<string, number[]>>();

  constructor(readonly combinations: readonly MatrixValues[]) {}

  /** Positions of the combinations that have all of these values. */
  fitting(values: MatrixValues): readonly number[] {
    const keys = Object.keys(values).sort();
    const name = JSON.stringify(keys);
    const groups = this.#byKeys.get(name) ?? this.#group(keys);
    this.#byKeys.set(name, groups);
    return groups.get(identity(keys, values)) ?? [];
  }

  #group(keys: readonly string[]): Map<string, number[]> {
    const groups = new Map<string, number[]>();
    for (const [at, values] of this.combinations.entries()) {
      const id = identity(keys, values);
      const group = groups.get(id);
      if (group === undefined) groups.set(id, [at]);
      else group.push(at);
    }
    return groups;
  }
}

function identity(keys: readonly string[], values: MatrixValues): string {
  return keys.map((key) => valueText(values[key] ?? "")).join(",");
}

function only(values: MatrixValues, keys: readonly string[]): MatrixValues {
  return Object.fromEntries(Object.entries(values).filter(([key]) => keys.includes(key)));
}
