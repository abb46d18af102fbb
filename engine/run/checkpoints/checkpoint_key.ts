// By which key the checkpoints of a step are found, and whether it may use one: pure.
import type { Digest } from "../../cache/content/digest.ts";
import { checkpointKeyOf } from "../../cache/recipe/fingerprint.ts";
import type { GraphStep } from "../../graph/graph.ts";
import { alternatives, childSchema, isObject } from "../../graph/plugins/option_schema.ts";
import type { Json } from "../../workflow/workflow.ts";
import type { Prepared } from "../reuse/material.ts";
import type { ReuseContext } from "../run_context.ts";

/** The key of a step's checkpoints. */
export function checkpointKey(step: GraphStep, { material }: Prepared): Digest {
  return checkpointKeyOf(material, monotoneOptions(step));
}

/** Says whether a step is to do all of its work itself, whatever was saved before. */
export function startsAnew({ forced }: ReuseContext, { name, resolved }: GraphStep): boolean {
  // What a step without outputs does lies outside, where it has to be done again.
  return forced.has(name) || Object.keys(resolved.outputs).length === 0;
}

/** Names of the options that `monotone` marks and whose conditions the other options meet. */
export function monotoneOptions(
  { plugin, resolved: { config } }: Pick<GraphStep, "plugin" | "resolved">,
): readonly string[] {
  return Object.keys(config).filter((name) => {
    const when = markOf(childSchema(plugin.configSchema, name));
    return isObject(when) &&
      Object.entries(when).every(([other, value]) => config[other] === value);
  });
}

function markOf(schema: Json | undefined): Json | undefined {
  for (const choice of alternatives(schema)) {
    if (choice["cairnMonotone"] !== undefined) return choice["cairnMonotone"];
  }
  return undefined;
}
