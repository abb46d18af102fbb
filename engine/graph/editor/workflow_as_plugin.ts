// A workflow file that steps use, described like a plugin, so that editors complete its parameters and inputs.
import type { JsonObject, ParamDeclaration, ParamType, Workflow } from "../../workflow/workflow.ts";
import type { ResolvedPlugin } from "../plugins/plugin_source.ts";

const TYPES: Readonly<Record<ParamType, JsonObject>> = {
  string: { type: "string" },
  int: { type: "integer" },
  number: { type: "number" },
  boolean: { type: "boolean" },
  list: { type: "array" },
  map: { type: "object" },
};

/** Describes a file by what it declares. */
export function workflowAsPlugin(
  { name, description, path, inputs }: Workflow,
  params: readonly ParamDeclaration[],
): ResolvedPlugin {
  const ports = Object.entries(inputs).map(([port, words]) =>
    [port, { type: "any", description: words === "" ? "An input" : words, many: true }] as const
  );
  return {
    name,
    kind: "other",
    description: description === "" ? `The steps of ${name}` : description,
    version: 1,
    inputs: Object.fromEntries(ports),
    configSchema: {
      type: "object",
      properties: Object.fromEntries(params.map((param) => [param.name, schemaOf(param)])),
      required: params.filter((param) => param.default === undefined).map((param) => param.name),
      additionalProperties: false,
    },
    specifier: path,
    permissions: {},
  };
}

function schemaOf(
  { type, description, default: usual, choices, min, max }: ParamDeclaration,
): JsonObject {
  return {
    ...TYPES[type],
    ...(description === "" ? {} : { description }),
    ...(usual === undefined ? {} : { default: usual }),
    ...(choices === undefined ? {} : { enum: choices }),
    ...(min === undefined ? {} : { minimum: min }),
    ...(max === undefined ? {} : { maximum: max }),
  };
}
