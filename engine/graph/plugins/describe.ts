// Turns a plugin's declaration into plain data, and its schema's verdict on options into issues. Runs in the
// engine for built-in plugins and in a sandboxed process for a user's.
import { type OptionProblem, type Plugin, type Ports, z } from "../../plugin.ts";
import type { JsonObject } from "../../workflow/workflow.ts";
import { declarationProblem } from "./declaration.ts";
import { optionIssues } from "./option_issues.ts";
import type { OptionIssue, PluginProblem, ResolvedPlugin, ResolvedStep } from "./plugin_source.ts";

/** Describes a plugin that the module at `specifier` declares. */
export function describePlugin(plugin: Plugin, specifier: string): ResolvedPlugin {
  return {
    name: plugin.name,
    kind: plugin.kind,
    description: plugin.description,
    version: plugin.version,
    inputs: plugin.inputs,
    configSchema: schemaOf(plugin),
    specifier,
    permissions: plugin.permissions ?? {},
  };
}

/** Checks the options of one step and computes what follows from them. */
export function describeStep(
  plugin: Plugin,
  options: JsonObject,
): ResolvedStep | readonly OptionIssue[] {
  const parsed = plugin.config.safeParse(options);
  if (!parsed.success) return optionIssues(parsed.error, options, schemaOf(plugin));
  const ask = functionsOf(plugin);
  const problems = ask.check?.(parsed.data) ?? [];
  if (problems.length > 0) return problems.map(issueOf);
  const command = ask.command?.(parsed.data);
  return {
    config: parsed.data as JsonObject, // schemas give JSON: they hold no transforms
    outputs: typeof ask.outputs === "function" ? ask.outputs(parsed.data) : ask.outputs,
    resources: ask.resources?.(parsed.data) ?? {},
    ...(command === undefined ? {} : { command }),
  };
}

/** Finds the one plugin among a module's exports. */
export function findPlugin(module: Readonly<Record<string, unknown>>): Plugin | PluginProblem {
  const found = Object.entries(module).filter(([, value]) => isPlugin(value));
  const chosen = found.find(([name]) => name === "plugin") ??
    (found.length === 1 ? found[0] : undefined);
  if (chosen !== undefined) {
    return declarationProblem({ ...chosen[1] as Plugin }) ?? chosen[1] as Plugin; // looked at there
  }
  return found.length === 0
    ? {
      problem: "exports no plugin",
      hint: "Export one: export const plugin = definePlugin({ … })",
    }
    : {
      problem: `exports ${found.length} plugins: ${found.map(([name]) => `"${name}"`).join(", ")}`,
      hint: `Name the one that is meant "plugin"`,
    };
}

/** Whether something is meant to be a plugin, right or wrong. */
function isPlugin(value: unknown): boolean {
  if (typeof value !== "object" || value === null || value instanceof z.ZodType) return false;
  return "name" in value && ("run" in value || "outputs" in value || "config" in value);
}

function schemaOf(plugin: Plugin): JsonObject {
  return z.toJSONSchema(plugin.config, { io: "input", unrepresentable: "any" }) as JsonObject;
}

/** The functions of a plugin, callable with options that its schema has accepted. */
function functionsOf(plugin: Plugin): {
  readonly outputs: Ports | ((config: unknown) => Ports);
  readonly resources?: (config: unknown) => ResolvedStep["resources"];
  readonly check?: (config: unknown) => readonly OptionProblem[];
  readonly command?: (config: unknown) => NonNullable<ResolvedStep["command"]>;
} {
  return plugin as unknown as ReturnType<typeof functionsOf>; // `Plugin` forgets the options' type
}

function issueOf(problem: OptionProblem): OptionIssue {
  const { path, message, hint } = problem;
  return { kind: "bad-value", path, message, ...(hint === undefined ? {} : { hint }) };
}
