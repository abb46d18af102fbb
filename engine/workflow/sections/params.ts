// The parameters of a workflow: declared in the file, overridden by `--set`, checked against each other.
import {
  badName,
  limitOnText,
  limitsCrossed,
  paramChoice,
  paramMissing,
  paramWithoutType,
  unknownParamType,
  unknownSetting,
  wrongSetting,
  wrongValue,
} from "../../diagnostics/catalog.ts";
import type { Place } from "../../diagnostics/diagnostic.ts";
import { describeValue } from "../describe_value.ts";
import { isName } from "./names.ts";
import { type ParamType, parseSetting, typeOf, TYPES, wantedBy } from "./param_type.ts";
import type { Reading } from "../reading.ts";
import type { Json } from "../workflow.ts";
import type { YamlEntry, YamlNode } from "../yaml/tree.ts";

/** The keys of a parameter that is declared in full. */
export const PARAM_KEYS = ["type", "default", "description", "choices", "min", "max"] as const;

/** `--set NAME=VALUE` as given. */
export interface Setting {
  readonly name: string;
  readonly value: string;
}

/** Final values by name; undefined for a parameter whose mistake has been reported. */
export type ParamValues = ReadonlyMap<string, Json | undefined>;

/** A parameter as the file declares it. */
export interface ParamDeclaration {
  readonly name: string;
  readonly type: ParamType;
  /** Undefined where it has no default and must be given. */
  readonly initial: { readonly value: Json; readonly place: Place } | undefined;
  readonly choices: readonly Json[] | undefined;
  readonly min: number | undefined;
  readonly max: number | undefined;
  readonly description: string;
}

interface Declaration extends ParamDeclaration {
  readonly place: Place;
}

/** What the section says: final values, and the declarations that were understood. */
export interface Params {
  readonly values: ParamValues;
  readonly declared: readonly ParamDeclaration[];
}

/** Reads `params` and gives every parameter its value; undefined where the section is no map. */
export async function readParams(
  reading: Reading,
  node: YamlNode | undefined,
  settings: readonly Setting[],
): Promise<Params | undefined> {
  const map = node === undefined ? undefined : reading.map({ node, name: '"params"' });
  if (node !== undefined && map === undefined) return undefined;
  const given = new Map(settings.map(({ name, value }) => [name, value]));
  const values = new Map<string, Json | undefined>();
  const declared: ParamDeclaration[] = [];
  for (const entry of map?.entries ?? []) {
    // A default may name the parameters above it.
    const inner = reading.within({ ...reading.scope, params: values });
    const declaration = declare(inner, entry);
    if (declaration !== undefined) declared.push(declaration);
    const value = declaration && await settle(inner, declaration, given.get(entry.key));
    values.set(entry.key, value);
  }
  for (const name of given.keys()) {
    if (!values.has(name)) reading.report(unknownSetting(name, [...values.keys()]));
  }
  return { values, declared };
}

function declare(reading: Reading, entry: YamlEntry): Declaration | undefined {
  const place = reading.place(entry.keySpan);
  if (!isName(entry.key)) return reading.report(badName(place, "parameter", entry.key));
  const bare = {
    name: entry.key,
    place,
    choices: undefined,
    min: undefined,
    max: undefined,
    description: "",
  };
  if (entry.value.kind === "map") return declareInFull(reading, entry, bare);
  const value = reading.json(entry.value);
  if (value === undefined) return undefined;
  const type = typeOf(value, sourceOf(reading, entry.value));
  if (type === undefined) return reading.report(paramWithoutType(place, entry.key));
  return { ...bare, type, initial: { value, place: reading.place(entry.value.span) } };
}

function declareInFull(
  reading: Reading,
  entry: YamlEntry,
  bare: Pick<Declaration, "name" | "place">,
): Declaration | undefined {
  const before = reading.problems.length;
  const fields = reading.fields(entry.value, {
    where: `Parameter "${entry.key}"`,
    keys: PARAM_KEYS,
  });
  const written = fields?.get("default")?.value;
  const initial = written === undefined ? undefined : reading.json(written);
  const type = readType(reading, fields?.get("type")) ??
    (initial === undefined || written === undefined
      ? undefined
      : typeOf(initial, sourceOf(reading, written)));
  const choices = readChoices(reading, fields?.get("choices"), type);
  const [min, max] = ["min", "max"].map((key) => readLimit(reading, fields?.get(key), type));
  const words = fields?.get("description")?.value;
  const description = words && reading.text({ node: words, name: '"description"' })?.value;
  if (reading.problems.length > before) return undefined;
  if (type === undefined) return reading.report(paramWithoutType(bare.place, bare.name));
  if (min !== undefined && max !== undefined && min > max) {
    return reading.report(limitsCrossed(bare.place, min, max));
  }
  return {
    ...bare,
    type,
    choices,
    min,
    max,
    description: description ?? "",
    initial: initial === undefined || written === undefined
      ? undefined
      : { value: initial, place: reading.place(written.span) },
  };
}

function readType(reading: Reading, entry: YamlEntry | undefined): ParamType | undefined {
  if (entry === undefined) return undefined;
  const text = reading.text({ node: entry.value, name: '"type"' });
  if (text === undefined) return undefined;
  const type = TYPES.find((known) => known === text.value);
  return type ?? reading.report(unknownParamType(text.place, text.value, TYPES));
}

function readChoices(
  reading: Reading,
  entry: YamlEntry | undefined,
  type: ParamType | undefined,
): readonly Json[] | undefined {
  if (entry === undefined) return undefined;
  const subject = { node: entry.value, name: '"choices"' };
  if (entry.value.kind !== "list") return reading.wrong(subject, "a list");
  if (entry.value.items.length === 0) return reading.wrong(subject, "a list with a value in it");
  return entry.value.items.flatMap((node) => {
    const value = reading.json(node);
    const wanted = value === undefined || type === undefined ? undefined : wantedBy(type, value);
    if (wanted !== undefined) reading.wrong({ node, name: "A choice" }, wanted, value);
    return value === undefined ? [] : [value];
  });
}

function readLimit(
  reading: Reading,
  entry: YamlEntry | undefined,
  type: ParamType | undefined,
): number | undefined {
  if (entry === undefined) return undefined;
  if (type !== undefined && type !== "int" && type !== "number") {
    return reading.report(limitOnText(reading.place(entry.keySpan), entry.key, type));
  }
  return reading.number({ node: entry.value, name: `"${entry.key}"` }, {
    min: -Infinity,
    max: Infinity,
    whole: false,
  });
}

async function settle(
  reading: Reading,
  declaration: Declaration,
  given: string | undefined,
): Promise<Json | undefined> {
  const { name, place, initial } = declaration;
  if (initial !== undefined && !defaultFits(reading, declaration, initial)) return undefined;
  if (given !== undefined) return await settleGiven(reading, declaration, given);
  if (initial === undefined) {
    return reading.report(paramMissing(place, name, declaration.type === "int" ? "1" : "…"));
  }
  return initial.value;
}

function defaultFits(
  reading: Reading,
  declaration: Declaration,
  { value, place }: NonNullable<Declaration["initial"]>,
): boolean {
  const { name, choices } = declaration;
  const wanted = problemWith(declaration, value);
  if (wanted === undefined) return true;
  const present = describeValue(value);
  reading.report(
    wanted === "choice"
      ? paramChoice(place, name, { present, choices: (choices ?? []).map(String) })
      : wrongValue(place, { subject: `Parameter "${name}"`, wanted, present }),
  );
  return false;
}

async function settleGiven(
  reading: Reading,
  declaration: Declaration,
  given: string,
): Promise<Json | undefined> {
  const value = await parseSetting(declaration.type, given);
  const wanted = value === undefined
    ? wantedBy(declaration.type, undefined)
    : problemWith(declaration, value);
  if (wanted === undefined) return value;
  const choices = (declaration.choices ?? []).map((choice) => describeValue(choice)).join(", ");
  return reading.report(wrongSetting({
    name: declaration.name,
    wanted: wanted === "choice" ? `one of ${choices}` : wanted,
    present: describeValue(given),
    declared: declaration.place,
  }));
}

/** What a value would have to be; "choice" where it is none of the choices. */
function problemWith(declaration: Declaration, value: Json): string | undefined {
  const { type, choices, min, max } = declaration;
  const wanted = wantedBy(type, value);
  if (wanted !== undefined) return wanted;
  if (typeof value === "number" && min !== undefined && value < min) return `at least ${min}`;
  if (typeof value === "number" && max !== undefined && value > max) return `at most ${max}`;
  const key = JSON.stringify(value);
  return choices?.some((choice) => JSON.stringify(choice) === key) === false ? "choice" : undefined;
}

function sourceOf(reading: Reading, node: YamlNode): string {
  return reading.file.text.slice(node.span.start, node.span.end);
}
