// Finds the part of a plugin's JSON Schema that describes a nested option.
import type { Json, JsonObject } from "../../workflow/workflow.ts";

type Path = readonly (string | number)[];

/** Returns the schema of the option at a path; an empty one where the schema says nothing of it. */
export function schemaAt(schema: JsonObject, path: Path): JsonObject {
  return schemasAt(schema, path)[0] ?? {};
}

/** Returns the names of the options that may stand below a path, over all alternatives. */
export function optionNames(schema: JsonObject, path: Path): readonly string[] {
  const names = schemasAt(schema, path).flatMap(({ properties }) =>
    isObject(properties) ? Object.keys(properties) : []
  );
  return [...new Set(names)];
}

/** Returns the JSON Schema types that an option may have, over all alternatives. */
export function optionTypes(schema: JsonObject, path: Path): readonly (Json | undefined)[] {
  return schemasAt(schema, path).map(({ type }) => type);
}

const known = new WeakMap<JsonObject, readonly JsonObject[]>();

/** A schema and, where it is a choice, its alternatives; asked of the same schema by thousands of steps. */
export function alternatives(schema: Json | undefined): readonly JsonObject[] {
  if (!isObject(schema)) return [];
  let all = known.get(schema);
  if (all === undefined) {
    const choices = [schema["anyOf"], schema["oneOf"]].filter(isList).flat();
    all = [schema, ...choices.flatMap(alternatives)];
    known.set(schema, all);
  }
  return all;
}

/** Returns the schema of what a name or index leads to, if the schema describes it. */
export function childSchema(schema: JsonObject, name: string | number): Json | undefined {
  if (typeof name === "number") {
    const tuple = schema["prefixItems"];
    return (isList(tuple) ? tuple[name] : undefined) ?? schema["items"];
  }
  const properties = schema["properties"];
  return isObject(properties) && Object.hasOwn(properties, name)
    ? properties[name]
    : schema["additionalProperties"];
}

function schemasAt(schema: JsonObject, path: Path): readonly JsonObject[] {
  let found = [...alternatives(schema)];
  for (const name of path) {
    found = found.flatMap((parent) => [...alternatives(childSchema(parent, name))]);
  }
  return found;
}

/** Says whether a JSON value is a map. */
export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Says whether a JSON value is a list. */
export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}
