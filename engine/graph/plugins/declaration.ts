// Checks a plugin's declaration as it arrives from a module, where no compiler has looked at it: pure.
import type { Plugin } from "../../plugin.ts";
import { z } from "../../plugin.ts";
import { quote, quoteList, suggestion } from "../../diagnostics/suggest.ts";
import { describeValue } from "../../workflow/describe_value.ts";
import { arePermissions } from "./permission_words.ts";
import type { PluginProblem } from "./plugin_source.ts";

const KINDS = ["prepare", "train", "test", "visualize", "register", "other"] as const;

/** Every key of a declaration. */
const KEYS: Readonly<Record<keyof Plugin, true>> = {
  name: true,
  kind: true,
  description: true,
  version: true,
  config: true,
  inputs: true,
  outputs: true,
  permissions: true,
  resources: true,
  check: true,
  run: true,
  command: true,
};

const port = z.strictObject({
  type: z.string().min(1),
  description: z.string(),
  optional: z.boolean().optional(),
  many: z.boolean().optional(),
  reveals: z.union([z.string(), z.strictObject({ option: z.string() })]).optional(),
  refuses: z.string().optional(),
});

/** What the parts must be that can be wrong by themselves, in the order in which people write them. */
const PARTS: readonly (readonly [keyof Plugin, string, (value: unknown) => boolean])[] = [
  ["name", "a text such as word-count", (value) => /^[a-z][a-z0-9-]*$/.test(String(value))],
  ["kind", `one of ${KINDS.join(", ")}`, (value) => KINDS.some((kind) => kind === value)],
  ["description", "a text", (value) => typeof value === "string"],
  ["version", "a whole number", (value) => Number.isInteger(value)],
  ["config", "a schema: z.strictObject({ … })", (value) => value instanceof z.ZodObject],
  ["inputs", 'inputs by name, or "any"', (value) => value === "any" || isRecord(value)],
  ["outputs", "outputs by name, or a function", (value) => isFunction(value) || isRecord(value)],
  [
    "permissions",
    "lists of names, and ffi: true; folders that are shared are named in small letters",
    (value) => isAbsent(value) || arePermissions(value),
  ],
  ["run", "a function", (value) => isAbsent(value) || isFunction(value)],
];

/** Says what is wrong with a declaration; undefined where nothing is. */
export function declarationProblem(
  plugin: Readonly<Record<string, unknown>>,
): PluginProblem | undefined {
  const known = Object.keys(KEYS);
  const odd = Object.keys(plugin).find((key) => !known.includes(key));
  if (odd !== undefined) {
    const problem = `declares ${quote(odd)}, which no plugin has`;
    return withHint(problem, suggestion(odd, known, "A declaration has"));
  }
  for (const [key, wanted, isFit] of PARTS) {
    const value = plugin[key];
    if (isFit(value)) continue;
    const given = isAbsent(value) ? "and has none" : `not ${describeValue(value)}`;
    return { problem: `must declare ${quote(key)}: ${wanted}, ${given}` };
  }
  if (!isFunction(plugin["run"]) && !isFunction(plugin["command"])) {
    return {
      problem: "has no run function",
      hint: "Add one: async run({ inputs, outputs }) { … }",
    };
  }
  return portProblem("inputs", plugin["inputs"]) ?? portProblem("outputs", plugin["outputs"]) ??
    transformProblem(plugin["config"] as z.ZodObject); // looked at above
}

function portProblem(key: "inputs" | "outputs", ports: unknown): PluginProblem | undefined {
  if (!isRecord(ports)) return undefined;
  for (const [name, declared] of Object.entries(ports)) {
    const parsed = port.safeParse(declared);
    const [issue] = parsed.error?.issues ?? [];
    if (issue === undefined) continue;
    const odd = issue.code === "unrecognized_keys" ? issue.keys : [];
    const at = [key, name, ...issue.path].join(".");
    const words = odd.length > 0
      ? `has no ${quoteList(odd)}`
      : `must be ${issue.path.length === 0 ? "{ type, description }" : "a text"}`;
    const hint = odd[0] && suggestion(odd[0], Object.keys(port.shape), "It may have");
    return withHint(`declares ${key.slice(0, -1)} ${quote(name)}: ${at} ${words}`, hint);
  }
  return undefined;
}

/** Options are stored and compared as they are written. */
function transformProblem(config: z.ZodObject): PluginProblem | undefined {
  try {
    z.toJSONSchema(config, { io: "output" });
    return undefined;
  } catch (error) {
    if (!/transform/i.test(String(error))) return undefined;
    return {
      problem: "has an option whose schema transforms its value",
      hint: "Check options in config, and turn them into something else in run",
    };
  }
}

function withHint(problem: string, hint: string | undefined): PluginProblem {
  return { problem, ...(hint === undefined ? {} : { hint }) };
}

function isAbsent(value: unknown): boolean {
  return value === undefined;
}

function isFunction(value: unknown): boolean {
  return typeof value === "function";
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
