// The parameters of a workflow: how its files declare them, and which values they get.
import {
  badName,
  clash,
  limitOnText,
  limitsCrossed,
  paramChoice,
  paramWithoutType,
  unknownParamType,
  wrongValue,
} from "../../../diagnostics/catalog.ts";
import type { Place } from "../../../diagnostics/diagnostic.ts";
import { describeValue } from "../../describe_value.ts";
import type { Reading } from "../../reading.ts";
import { type Json, PARAM_TYPES, type ParamDeclaration, type ParamType } from "../../workflow.ts";
import type { YamlEntry, YamlNode } from "../../yaml/tree.ts";
import type { GivenParams } from "./given_params.ts";
import { isName } from "../names.ts";
import { problemWith, typeOf, wantedBy } from "./param_type.ts";

/** The keys of a parameter that is declared in full. */
export const PARAM_KEYS = ["type", "default", "description", "choices", "min", "max"] as const;

/** Final values by name; undefined for a parameter whose mistake has been reported. */
export type ParamValues = ReadonlyMap<string, Json | undefined>;

/** The section of one file, and how to read it. */
export interface ParamSection {
  readonly reading: Reading;
  readonly node: YamlNode;
}

/** What a workflow's parameters are. */
export interface Params {
  /** Undefined where a section is no map, which has been reported. */
  readonly values: ParamValues | undefined;
  /** Those that could be read, in order. */
  readonly declared: readonly ParamDeclaration[];
}

/** A parameter and the places of its parts. */
interface Declaration extends ParamDeclaration {
  readonly place: Place;
  /** Where the default stands. */
  readonly defaultPlace: Place;
}

/** Reads sections of `params` one after the other and gives every parameter its value. */
export async function readParams(
  sections: readonly ParamSection[],
  given: GivenParams,
): Promise<Params> {
  const values = new Map<string, Json | undefined>();
  const places = new Map<string, Place>();
  const declared: ParamDeclaration[] = [];
  let isWhole = true;
  for (const { reading, node } of sections) {
    const map = reading.map({ node, name: '"params"' });
    isWhole &&= map !== undefined;
    for (const entry of map?.entries ?? []) {
      const place = reading.place(entry.keySpan);
      const other = places.get(entry.key);
      if (other !== undefined) {
        reading.report(clash(place, "parameter", entry.key, other));
        continue;
      }
      places.set(entry.key, place);
      // A default may name the parameters above it.
      const inner = reading.within({ ...reading.scope, params: values });
      const declaration = declare(inner, entry);
      values.set(entry.key, declaration && await settle(inner, declaration, given));
      if (declaration !== undefined) declared.push(paramOf(declaration));
    }
  }
  if (!isWhole) return { values: undefined, declared };
  given.checkNames([...values.keys()]);
  return { values, declared };
}

function paramOf({ place: _, defaultPlace: __, ...param }: Declaration): ParamDeclaration {
  return param;
}

function declare(reading: Reading, entry: YamlEntry): Declaration | undefined {
  const place = reading.place(entry.keySpan);
  if (!isName(entry.key)) return reading.report(badName(place, "parameter", entry.key));
  if (entry.value.kind === "map") return declareInFull(reading, entry, place);
  const value = reading.json(entry.value);
  if (value === undefined) return undefined;
  const type = typeOf(value, sourceOf(reading, entry.value));
  if (type === undefined) return reading.report(paramWithoutType(place, entry.key));
  const defaultPlace = reading.place(entry.value.span);
  return { name: entry.key, description: "", place, type, default: value, defaultPlace };
}

function declareInFull(
  reading: Reading,
  { key: name, value }: YamlEntry,
  place: Place,
): Declaration | undefined {
  const before = reading.problems.length;
  const fields = reading.fields(value, { where: `Parameter "${name}"`, keys: PARAM_KEYS });
  const written = fields?.get("default")?.value;
  const initial = written && reading.json(written);
  const type = readType(reading, fields?.get("type")) ??
    (written === undefined || initial === undefined
      ? undefined
      : typeOf(initial, sourceOf(reading, written)));
  const choices = readChoices(reading, fields?.get("choices"), type);
  const [min, max] = ["min", "max"].map((key) => readLimit(reading, fields?.get(key), type));
  const words = fields?.get("description")?.value;
  const description = words && reading.text({ node: words, name: '"description"' })?.value;
  if (reading.problems.length > before) return undefined;
  if (type === undefined) return reading.report(paramWithoutType(place, name));
  if (min !== undefined && max !== undefined && min > max) {
    return reading.report(limitsCrossed(place, min, max));
  }
  return {
    name,
    description: description ?? "",
    place,
    type,
    ...(choices === undefined ? {} : { choices }),
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
    ...(initial === undefined ? {} : { default: initial }),
    defaultPlace: written === undefined ? place : reading.place(written.span),
  };
}

function readType(reading: Reading, entry: YamlEntry | undefined): ParamType | undefined {
  if (entry === undefined) return undefined;
  const text = reading.text({ node: entry.value, name: '"type"' });
  if (text === undefined) return undefined;
  const type = PARAM_TYPES.find((known) => known === text.value);
  return type ?? reading.report(unknownParamType(text.place, text.value, PARAM_TYPES));
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

/** Gives a parameter its value; undefined after a report. */
async function settle(
  reading: Reading,
  declaration: Declaration,
  given: GivenParams,
): Promise<Json | undefined> {
  if (declaration.default !== undefined && !defaultFits(reading, declaration)) return undefined;
  const found = await given.value(declaration, declaration.place);
  return found === "none" ? declaration.default : found;
}

function defaultFits(reading: Reading, declaration: Declaration): boolean {
  const { name, choices, default: value = null, defaultPlace: place } = declaration;
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

function sourceOf(reading: Reading, node: YamlNode): string {
  return reading.file.text.slice(node.span.start, node.span.end);
}
