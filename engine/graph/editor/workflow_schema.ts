// The workflow language as a JSON Schema, by which editors complete, explain and check workflow files.
import type { WORKFLOW_KEYS } from "../../workflow/load.ts";
import { type PARAM_KEYS } from "../../workflow/sections/params/params.ts";
import type { RETRY_KEYS } from "../../workflow/sections/step/retry.ts";
import type { RESOURCE_KEYS } from "../../workflow/sections/step/step_limits.ts";
import type { STEP_KEYS } from "../../workflow/sections/step/steps.ts";
import { FAILURE_KINDS, type JsonObject, PARAM_TYPES } from "../../workflow/workflow.ts";
import type { ResolvedPlugin } from "../plugins/plugin_source.ts";
import { describeUse, orExpression, stepOf } from "./plugin_schema.ts";

/** A plugin as workflows name it. */
export interface NamedPlugin {
  readonly uses: string;
  readonly plugin: ResolvedPlugin;
}

// Every key of the language must be explained here, or this file does not compile.
type Keys<Known extends { readonly [index: number]: string }> = Readonly<
  Record<Known[number], JsonObject>
>;

const NAME = "^[A-Za-z][A-Za-z0-9_-]{0,99}$";
const ANY = {} as const;
const TEXT = { type: "string" } as const;
const REMOTE = { type: "string", pattern: "^(npm|jsr|https):" } as const;

const whole = (minimum: number, description: string): JsonObject => ({
  description,
  ...orExpression({ type: "integer", minimum }),
});

const SECRETS: JsonObject = {
  type: "array",
  description: "Environment variables that steps may be given and nobody may see: " +
    "${{ secrets.NAME }} in the options of a step",
  items: { ...TEXT, pattern: "^[A-Za-z_][A-Za-z0-9_]*$" },
};

const TOKENS: JsonObject = {
  type: "object",
  description: "Things that steps use only so many of at once, such as licences: name → number",
  propertyNames: { pattern: NAME },
  additionalProperties: whole(1, "How many there are"),
};

/** Makes the schema of workflow files that may use these plugins. */
export function workflowSchema(plugins: readonly NamedPlugin[]): JsonObject {
  const keys: Keys<typeof WORKFLOW_KEYS.keys> = {
    name: { ...TEXT, description: "Name of the workflow; that of its file by default" },
    description: { ...TEXT, description: "What the workflow is for" },
    seed: whole(0, "Where all randomness starts from; 0 by default"),
    imports: {
      type: "array",
      description: "Files whose params and steps count as this file's own; paths start from here",
      items: TEXT,
    },
    params: {
      type: "object",
      description:
        "Values that --set, --params and CAIRN_PARAM_NAME replace, typed by their default",
      propertyNames: { pattern: NAME },
      additionalProperties: { anyOf: [paramSchema(), { not: { type: "object" } }] },
    },
    secrets: SECRETS,
    tokens: TOKENS,
    steps: {
      type: "object",
      description: "The steps by name; what they take decides their order",
      minProperties: 1,
      propertyNames: { pattern: NAME },
      additionalProperties: stepSchema(plugins),
    },
    inputs: {
      type: "object",
      description:
        "What this file needs where it is a step of another, as inputs.NAME: name → words",
      propertyNames: { pattern: NAME },
      additionalProperties: { type: ["string", "null"], description: "What the input is" },
    },
    outputs: {
      type: "object",
      description: "What this file gives where it is a step of another: name → step.output",
      propertyNames: { pattern: NAME },
      additionalProperties: { ...TEXT, description: "An output, as step.output" },
    },
    publish: {
      type: "object",
      description: "Outputs to copy to where people look: folder in the project → step.output; " +
        "the folder may hold ${{ params.NAME }}, and ${{ matrix.KEY }} of the step that is published",
      additionalProperties: { ...TEXT, description: "An output, as step.output" },
    },
    trust: {
      description: "Plugins from elsewhere that may run with what they ask for, as steps name them",
      anyOf: [REMOTE, { type: "array", items: REMOTE }],
    },
  };
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "cairn workflow",
    type: "object",
    additionalProperties: false,
    properties: keys,
  };
}

function paramSchema(): JsonObject {
  const keys: Keys<typeof PARAM_KEYS> = {
    type: {
      enum: [...PARAM_TYPES],
      description: "What its value must be; by default as its default is",
    },
    default: {
      ...ANY,
      description: "Its value where --set gives no other; without it one must be given",
    },
    description: { ...TEXT, description: "What it is for" },
    choices: { type: "array", description: "The values that it may have" },
    min: { type: "number", description: "The least that it may be" },
    max: { type: "number", description: "The most that it may be" },
  };
  return { type: "object", properties: keys, additionalProperties: false };
}

function stepSchema(plugins: readonly NamedPlugin[]): JsonObject {
  const keys: Keys<typeof STEP_KEYS.keys> = {
    uses: usesSchema(plugins),
    if: {
      description: "Runs the step only where this is true; ${{ steps.STEP.OUTPUT.KEY }} is a " +
        "value in the JSON file that a step makes",
      ...orExpression({ type: "boolean" }),
    },
    matrix: matrixSchema(),
    with: {
      type: ["object", "null"],
      description: "Options of the plugin, or parameters of the workflow file",
    },
    inputs: {
      type: "object",
      description: "What the step takes: input → step.output, or the step alone",
    },
    after: {
      description: "Steps that must end before, although nothing of them is taken",
      anyOf: [TEXT, { type: "array", items: TEXT }],
    },
    resources: resourcesSchema(),
    timeout: {
      ...TEXT,
      description: 'How long one attempt may take at most, such as "30s", "5m" or "1h30m"',
    },
    retry: retrySchema(),
    seed: whole(0, "Where its randomness starts from; the workflow's seed by default"),
  };
  return {
    type: "object",
    required: ["uses"],
    additionalProperties: false,
    properties: keys,
    allOf: Object.entries(Object.groupBy(plugins, ({ uses }) => uses)).map(([uses, named = []]) => {
      // Files in several folders may go by the same name.
      const steps = named.map(({ plugin }) => stepOf(plugin));
      const [only] = steps;
      return {
        if: { properties: { uses: exactly(uses) }, required: ["uses"] },
        then: steps.length === 1 && only !== undefined ? only : { anyOf: steps },
      };
    }),
  };
}

/** Just this text. For `const`, an editor that completes takes the beginning of a longer text as well. */
function exactly(text: string): JsonObject {
  return { ...TEXT, pattern: `^${text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&")}$` };
}

function usesSchema(plugins: readonly NamedPlugin[]): JsonObject {
  const known = plugins.map(({ uses, plugin }) => ({
    const: uses,
    description: describeUse(plugin),
  }));
  const own = {
    ...TEXT,
    pattern: "^(\\.{0,2}/|npm:|jsr:|https:|\\$\\{\\{)",
    description:
      "A plugin of your own: ./file.ts from the workflow's folder, npm:, jsr: or https:; " +
      "or ./file.yaml for the steps of another workflow",
  };
  return {
    description: "The plugin that does the work, or a workflow file",
    anyOf: [...known, own],
  };
}

function matrixSchema(): JsonObject {
  const rules = { type: "array", items: { type: "object" } } as const;
  return {
    type: "object",
    description: "Makes one step for each combination of values; they are ${{ matrix.KEY }}",
    properties: {
      include: {
        description: "Combinations to add, or values to add to some",
        ...orExpression(rules),
      },
      exclude: { description: "Combinations to leave out", ...orExpression(rules) },
    },
    additionalProperties: {
      description: "The values of this key",
      ...orExpression({ type: "array", minItems: 1 }),
    },
  };
}

function retrySchema(): JsonObject {
  const failure = {
    anyOf: [{ enum: [...FAILURE_KINDS] }, { type: "integer", minimum: 1, maximum: 255 }],
  } as const;
  const keys: Keys<typeof RETRY_KEYS> = {
    times: whole(1, "How often at most, after the first attempt"),
    delay: {
      ...TEXT,
      description: 'How long to wait before, such as "30s"; not at all by default',
    },
    factor: {
      description: "What each further wait is longer by; 1 by default",
      ...orExpression({ type: "number", minimum: 1 }),
    },
    on: {
      description: "After which failures: kinds, or exit codes of a program; all by default",
      anyOf: [...failure.anyOf, { type: "array", items: failure, minItems: 1 }],
    },
  };
  return {
    type: "object",
    description: "Tries the step again after it failed",
    properties: keys,
    required: ["times"],
    additionalProperties: false,
  };
}

function resourcesSchema(): JsonObject {
  const keys: Keys<typeof RESOURCE_KEYS> = {
    cpus: whole(1, "Processors"),
    memory: { description: 'Memory, such as "4GiB"', type: ["string", "integer"] },
    gpus: whole(0, "GPUs, each for itself alone unless gpu-memory says how much of them it takes"),
    "gpu-memory": {
      description: 'Memory of each of its GPUs, such as "8GiB"; other steps may use the rest of it',
      type: ["string", "integer"],
    },
    tokens: {
      type: "object",
      description: "Tokens of the workflow that it holds while it runs: name → number",
      additionalProperties: whole(1, "How many of them"),
    },
  };
  return {
    type: "object",
    description: "What it asks of the machine while it runs, instead of what its plugin asks",
    properties: keys,
    additionalProperties: false,
  };
}
