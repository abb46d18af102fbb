// What an editor needs to know of one plugin: its options and inputs as JSON Schemas, with words to show.
import type { Port, Ports } from "../../plugin.ts";
import type { Json, JsonObject } from "../../workflow/workflow.ts";
import { isObject } from "../plugins/option_schema.ts";
import type { ResolvedPlugin } from "../plugins/plugin_source.ts";
import { takes, written } from "./option_words.ts";

/** A text that an expression gives another value before it is checked. */
const EXPRESSION = { type: "string", pattern: "\\$\\{\\{" } as const;

/** A schema that also lets an expression stand for the value. */
export function orExpression(schema: JsonObject): JsonObject {
  const { description, default: usual } = schema;
  return {
    ...(description === undefined ? {} : { description }),
    ...(usual === undefined ? {} : { default: usual }),
    if: EXPRESSION,
    else: schema,
  };
}

/** What may stand below a step that uses the plugin. */
export function stepOf(plugin: ResolvedPlugin): JsonObject {
  const parts: Readonly<Record<string, JsonObject>> = {
    with: optionsSchema(plugin),
    ...(plugin.inputs === "any" ? {} : { inputs: inputsSchema(plugin.inputs) }),
  };
  const needed = Object.keys(parts).filter((part) => isNotEmpty(parts[part]?.["required"]));
  return { properties: parts, required: needed };
}

/** Says what a plugin does, takes and needs. */
export function describeUse(plugin: ResolvedPlugin): string {
  const ports = plugin.inputs === "any" ? [] : Object.entries(plugin.inputs);
  const lines = ports.map(([name, port]) => `- ${name}: ${describePort(port)}`);
  return [plugin.description, ...(lines.length === 0 ? [] : [`Inputs:\n${lines.join("\n")}`])]
    .join("\n\n");
}

function isNotEmpty(list: Json | undefined): boolean {
  return Array.isArray(list) && list.length > 0;
}

function optionsSchema(plugin: ResolvedPlugin): JsonObject {
  const { $schema: _, ...schema } = plugin.configSchema;
  const { properties, ...rest } = schema;
  const options = Object.entries(isObject(properties) ? properties : {}).map((
    [name, option],
  ) => [name, optionSchema(option)]);
  return {
    ...rest,
    type: ["object", "null"],
    description: `Options of ${plugin.name}`,
    properties: Object.fromEntries(options) as JsonObject,
  };
}

/** An option, whose text also says what it takes; expressions may stand for it and for all in it. */
function optionSchema(option: Json): JsonObject {
  const schema = isObject(option) ? option : {};
  const { description, default: usual } = schema;
  const words = [
    ...(typeof description === "string" ? [description] : []),
    `Takes: ${takes(schema)}`,
    ...(usual === undefined ? [] : [`Default: ${written(usual)}`]),
  ];
  return withExpressions({ ...schema, description: words.join("\n\n") });
}

function withExpressions(schema: JsonObject): JsonObject {
  const inner: Record<string, Json> = {};
  for (const [key, value] of Object.entries(schema)) inner[key] = expressionsIn(key, value);
  return takesText(schema) ? inner : orExpression(inner);
}

/** The value of a schema's keyword, expressions allowed in the schemas that it holds. */
function expressionsIn(keyword: string, value: Json): Json {
  switch (keyword) {
    case "items":
    case "additionalProperties":
      return isObject(value) ? withExpressions(value) : value;
    case "prefixItems":
    case "anyOf":
    case "oneOf":
      return Array.isArray(value)
        ? value.map((part) => isObject(part) ? withExpressions(part) : part)
        : value;
    case "properties":
      return isObject(value)
        ? Object.fromEntries(
          Object.entries(value).map(([name, option]) => [name, optionSchema(option)]),
        )
        : value;
    default:
      return value;
  }
}

/** Says whether any text is right, so that an expression is, too. */
function takesText(schema: JsonObject): boolean {
  return schema["type"] === "string" && schema["enum"] === undefined &&
    schema["pattern"] === undefined;
}

function inputsSchema(ports: Ports): JsonObject {
  const entries = Object.entries(ports);
  return {
    type: "object",
    properties: Object.fromEntries(entries.map(([name, port]) => [name, inputSchema(port)])),
    required: entries.filter(([, port]) => port.optional !== true).map(([name]) => name),
    additionalProperties: false,
  };
}

function inputSchema(port: Port): JsonObject {
  const one = { type: "string" } as const;
  const description = describePort(port);
  return port.many === true
    ? { description, anyOf: [one, { type: "array", items: one, minItems: 1 }] }
    : { description, ...one };
}

function describePort({ type, description, optional, many }: Port): string {
  const needs = [
    optional === true ? "may be left out" : undefined,
    many === true ? "takes a list" : undefined,
  ].filter((part) => part !== undefined);
  return [`${description}; of type ${type}`, ...needs].join(", ");
}
