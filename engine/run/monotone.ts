// Which options of a step only say how far to go, as the marks in its plugin's schema tell: pure.
import type { GraphStep } from "../graph/graph.ts";
import { alternatives, childSchema, isObject } from "../graph/plugins/option_schema.ts";
import type { Json } from "../workflow/workflow.ts";

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
