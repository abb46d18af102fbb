// What an option takes, as short words for tables and editors, from its JSON Schema.
import type { Json, JsonObject } from "../../workflow/workflow.ts";
import { isObject } from "../plugins/option_schema.ts";

/** One line of a table of options. */
export interface OptionRow {
  readonly name: string;
  /** What it takes: `whole number, 1 to 256`. */
  readonly takes: string;
  /** As a workflow would write it; absent where there is none. */
  readonly default?: string;
  readonly isRequired: boolean;
  readonly description: string;
}

/** The options that a plugin's JSON Schema describes, in its order. */
export function optionRows(schema: JsonObject): readonly OptionRow[] {
  const { properties, required } = schema;
  return Object.entries(isObject(properties) ? properties : {}).map(([name, option]) => {
    const fields = isObject(option) ? option : {};
    const value = fields["default"];
    return {
      name,
      takes: takes(fields),
      ...(value === undefined ? {} : { default: written(value) }),
      isRequired: list(required).includes(name),
      description: text(fields["description"]) ?? "",
    };
  });
}

/** Says in words what a schema takes. */
export function takes(schema: Json | undefined): string {
  if (!isObject(schema)) return "anything";
  const choices = [...list(schema["anyOf"]), ...list(schema["oneOf"])];
  if (choices.length > 0) return [...new Set(choices.map(takes))].join(" or ");
  if (schema["enum"] !== undefined) return list(schema["enum"]).map(written).join(", ");
  if (schema["const"] !== undefined) return written(schema["const"]);
  const place = text(schema["cairnPath"]);
  if (place !== undefined) return place === "any" ? "path" : `path of a ${place}`;
  switch (schema["type"]) {
    case "string":
      return "text";
    case "integer":
      return `whole number${range(schema)}`;
    case "number":
      return `number${range(schema)}`;
    case "boolean":
      return "true, false";
    case "array":
      return list(schema["prefixItems"]).length > 0
        ? `[${list(schema["prefixItems"]).map(takes).join(", ")}]`
        : `[${takes(schema["items"])}, …]`;
    case "object":
      return isObject(schema["properties"])
        ? `{ ${Object.keys(schema["properties"]).join(", ")} }`
        : `{ name: ${takes(schema["additionalProperties"])}, … }`;
    default:
      return "anything";
  }
}

function range(schema: JsonObject): string {
  const limit = (key: string): number | undefined => {
    const value = schema[key];
    // The bounds of whole numbers as such say nothing.
    return typeof value === "number" && Math.abs(value) < Number.MAX_SAFE_INTEGER
      ? value
      : undefined;
  };
  const [min, max] = [limit("minimum"), limit("maximum")];
  const [above, below] = [limit("exclusiveMinimum"), limit("exclusiveMaximum")];
  if (min !== undefined && max !== undefined) return `, ${min} to ${max}`;
  const parts = [
    min === undefined ? undefined : `${min} or more`,
    above === undefined ? undefined : `more than ${above}`,
    max === undefined ? undefined : `at most ${max}`,
    below === undefined ? undefined : `less than ${below}`,
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? "" : `, ${parts.join(", ")}`;
}

/** Writes a value as YAML does on one line. */
export function written(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(written).join(", ")}]`;
  if (isObject(value)) {
    const entries = Object.entries(value).map(([key, inner]) => `${key}: ${written(inner)}`);
    return entries.length === 0 ? "{}" : `{ ${entries.join(", ")} }`;
  }
  return value === "" ? '""' : String(value);
}

function list(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : [];
}

function text(value: Json | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}
