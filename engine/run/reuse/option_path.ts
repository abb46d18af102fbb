// Puts a value at a place inside a step's options.
import type { Json, JsonObject } from "../../workflow/workflow.ts";

/** Gives a copy of options in which the place that `path` leads to holds `value`. */
export function replaceOption(
  options: JsonObject,
  path: readonly (string | number)[],
  value: Json,
): JsonObject {
  return replaceAt(options, path, value) as JsonObject; // an object stays an object
}

function replaceAt(within: Json, [key, ...rest]: readonly (string | number)[], value: Json): Json {
  if (key === undefined) return value;
  const copy = structuredClone(within) as Record<string | number, Json>; // keys lead through objects and lists
  copy[key] = replaceAt(copy[key] ?? null, rest, value);
  return copy as Json;
}
