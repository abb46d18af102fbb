// Reads `matrix`: lists of values by key, with `include` and `exclude`. Whatever is wrong is told at its place.
import {
  allExcluded,
  badName,
  combinationNameTooLong,
  duplicateMatrixValue,
  emptyMatrix,
  excludesNothing,
  includedTwice,
  tooManyCombinations,
  unknownMatrixKey,
  unusedMatrixKey,
} from "../../../diagnostics/catalog.ts";
import type { Place } from "../../../diagnostics/diagnostic.ts";
import type { Reading } from "../../reading.ts";
import type { Combination, Json, MatrixValue, MatrixValues } from "../../workflow.ts";
import type { YamlEntry, YamlNode } from "../../yaml/tree.ts";
import { fitsAsFile, isName, LONGEST_NAME } from "../names.ts";
import { type Axis, combine, type Matrix, productOf } from "./combinations.ts";
import { valueText } from "./labels.ts";

/** Of all matrices and groups of a workflow together. */
export const MOST_STEPS = 20_000;

/** A step that has a matrix. */
export interface MatrixOwner {
  readonly name: string;
  /** How many steps the matrices before it make. */
  readonly stepsBefore: number;
  /** Says whether the step uses a key of its matrix. */
  uses(key: string): boolean;
}

/** A map of `include` or `exclude`, and where its parts stand. */
interface Rule {
  readonly values: MatrixValues;
  readonly place: Place;
  readonly keyPlace: (key: string) => Place;
}

/** Reads a step's matrix into its combinations; undefined after a report. */
export function readMatrix(
  reading: Reading,
  entry: YamlEntry,
  owner: MatrixOwner,
): readonly Combination[] | undefined {
  const map = reading.map({ node: entry.value, name: '"matrix"' });
  if (map === undefined) return undefined;
  const place = reading.place(entry.keySpan);
  const before = reading.problems.length;
  const lists = map.entries.filter(({ key }) => key !== "include" && key !== "exclude");
  const axes = lists.flatMap((list) => readAxis(reading, list) ?? []);
  const rules = (key: string): readonly Rule[] =>
    readRules(reading, map.entries.find((other) => other.key === key));
  const [include, exclude] = [rules("include"), rules("exclude")];
  // A list may be unknown without a report of its own: a wrong parameter has had one.
  if (axes.length < lists.length) return undefined;
  checkKeys(reading, { axes, include, exclude, owner, keys: lists.map(({ key }) => key) });
  if (reading.problems.length > before) return undefined;
  if (axes.length + include.length === 0) return reading.report(emptyMatrix(place, "The matrix"));
  const size = productOf(axes) + include.length;
  if (size + owner.stepsBefore > MOST_STEPS) {
    const shape = axes.length < 2
      ? ""
      : ` (${axes.map(({ values }) => values.length).join(" × ")})`;
    const factors = owner.stepsBefore === 0
      ? shape
      : `${shape} beside ${owner.stepsBefore.toLocaleString("en")} of other steps`;
    return reading.report(tooManyCombinations(place, { count: size, limit: MOST_STEPS, factors }));
  }
  return expand(reading, { axes, include, exclude, owner, place });
}

function readAxis(reading: Reading, { key, keySpan, value }: YamlEntry): Axis | undefined {
  const place = reading.place(keySpan);
  if (!isName(key)) return reading.report(badName(place, "matrix key", key));
  const items = readList(reading, { node: value, name: `"${key}"` }, "[0.001, 0.0003]");
  if (items === undefined) return undefined;
  if (items.length === 0) {
    return reading.report(emptyMatrix(reading.place(value.span), `The list of "${key}"`));
  }
  const first = new Map<string, Place>();
  const values = items.flatMap((item): readonly MatrixValue[] => {
    const value = scalar(reading, item, key);
    if (value === undefined) return [];
    const [text, itemPlace] = [valueText(value), reading.place(item.node.span)];
    const other = first.get(text);
    if (other !== undefined) {
      reading.report(duplicateMatrixValue(itemPlace, { key, text: String(value) }, other));
    } else first.set(text, itemPlace);
    return [value];
  });
  return values.length === items.length ? { key, values } : undefined;
}

/** A value and the node that it stands in. */
interface Item {
  readonly value: Json;
  readonly node: YamlNode;
}

/** Reads a list, or an expression that gives one. */
function readList(
  reading: Reading,
  subject: { readonly node: YamlNode; readonly name: string },
  example: string,
): readonly Item[] | undefined {
  const { node } = subject;
  if (node.kind === "list") {
    const items = node.items.map((item) => ({ value: reading.json(item), node: item }));
    const known = items.filter((item): item is Item => item.value !== undefined);
    return known.length === items.length ? known : undefined;
  }
  const value = reading.json(node);
  if (value === undefined) return undefined;
  return Array.isArray(value)
    ? (value as readonly Json[]).map((item) => ({ value: item, node }))
    : reading.wrong(subject, `a list, such as ${example}`, value);
}

function scalar(reading: Reading, { value, node }: Item, key: string): MatrixValue | undefined {
  if (typeof value !== "object") return value;
  return reading.wrong(
    { node, name: `A value of "${key}"` },
    "a text, a number or true or false",
    value,
  );
}

function readRules(reading: Reading, entry: YamlEntry | undefined): readonly Rule[] {
  if (entry === undefined) return [];
  const subject = { node: entry.value, name: `"${entry.key}"` };
  const items = readList(reading, subject, "[{ lr: 0.001, base: 16 }]");
  return (items ?? []).flatMap((item) => readRule(reading, item, entry.key) ?? []);
}

function readRule(reading: Reading, { value, node }: Item, section: string): Rule | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    const wanted = "a map, such as { lr: 0.001, base: 16 }";
    return reading.wrong({ node, name: `An entry of "${section}"` }, wanted, value);
  }
  const entryOf = (key: string): YamlEntry | undefined =>
    node.kind === "map" ? node.entries.find((entry) => entry.key === key) : undefined;
  const values: [string, MatrixValue][] = [];
  const keys = Object.entries(value as Readonly<Record<string, Json>>);
  for (const [key, inner] of keys) {
    const known = scalar(reading, { value: inner, node: entryOf(key)?.value ?? node }, key);
    if (known !== undefined) values.push([key, known]);
  }
  if (keys.length === 0) {
    reading.wrong({ node, name: `An entry of "${section}"` }, "not empty", value);
  }
  const place = reading.place(node.span);
  return {
    values: Object.fromEntries(values),
    place,
    keyPlace: (key) => {
      const span = entryOf(key)?.keySpan;
      return span === undefined ? place : reading.place(span);
    },
  };
}

interface Parts {
  readonly axes: readonly Axis[];
  readonly include: readonly Rule[];
  readonly exclude: readonly Rule[];
  readonly owner: MatrixOwner;
}

/** Finds keys that were probably misspelt. */
function checkKeys(
  reading: Reading,
  { include, exclude, owner, keys }: Parts & { readonly keys: readonly string[] },
): void {
  for (const { values, keyPlace } of exclude) {
    for (const key of Object.keys(values)) {
      if (!keys.includes(key)) reading.report(unknownMatrixKey(keyPlace(key), key, keys));
    }
  }
  for (const { values, keyPlace } of include) {
    for (const key of Object.keys(values)) {
      if (!isName(key)) reading.report(badName(keyPlace(key), "matrix key", key));
      // Where nothing but inclusions make the matrix, a key may only name the step.
      else if (keys.length > 0 && !keys.includes(key) && !owner.uses(key)) {
        reading.report(unusedMatrixKey(keyPlace(key), key, keys));
      }
    }
  }
}

function expand(
  reading: Reading,
  { axes, include, exclude, owner, place }: Parts & { readonly place: Place },
): readonly Combination[] | undefined {
  const matrix: Matrix = {
    axes,
    include: include.map(({ values }) => values),
    exclude: exclude.map(({ values }) => values),
  };
  const { combinations, ...idle } = combine(matrix);
  const before = reading.problems.length;
  for (const position of idle.excludingNothing) {
    const rule = exclude[position];
    if (rule !== undefined) reading.report(excludesNothingAt(rule, axes));
  }
  for (const position of idle.includedTwice) {
    const rule = include[position];
    if (rule !== undefined) reading.report(includedTwice(rule.place, wordsFor(rule.values)));
  }
  if (reading.problems.length > before) return undefined;
  if (combinations.length === 0) return reading.report(allExcluded(place, productOf(axes)));
  const names = combinations.map(({ label }) => `${owner.name}[${label}]`);
  const long = names.find((name) => !fitsAsFile(name));
  if (long !== undefined) return reading.report(combinationNameTooLong(place, long, LONGEST_NAME));
  return combinations.map((combination) => ({ of: owner.name, ...combination }));
}

function excludesNothingAt(
  { values, place }: Rule,
  axes: readonly Axis[],
): ReturnType<typeof excludesNothing> {
  const absent = axes.find(({ key, values: known }) => {
    const value = Object.hasOwn(values, key) ? values[key] : undefined;
    return value !== undefined && !known.some((other) => valueText(other) === valueText(value));
  });
  const axis = absent && { key: absent.key, values: absent.values.map(String) };
  return excludesNothing(place, wordsFor(values), axis);
}

function wordsFor(values: MatrixValues): string {
  return Object.entries(values).map(([key, value]) => `${key} ${String(value)}`).join(" and ");
}
