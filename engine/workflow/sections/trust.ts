// Reads which plugins from elsewhere a workflow trusts.
import { nothingToTrust } from "../../diagnostics/catalog.ts";
import type { Reading } from "../reading.ts";
import type { Located } from "../workflow.ts";
import type { YamlEntry } from "../yaml/tree.ts";

/** Reads `trust`: one plugin, or a list of them. */
export function readTrust(
  reading: Reading,
  entry: YamlEntry | undefined,
): readonly Located<string>[] {
  if (entry === undefined) return [];
  const nodes = entry.value.kind === "list" ? entry.value.items : [entry.value];
  return nodes.flatMap((node) => {
    const uses = reading.text({ node, name: '"trust"' });
    if (uses === undefined) return [];
    if (/^(npm|jsr|https):/.test(uses.value)) return [uses];
    reading.report(nothingToTrust(uses.place, uses.value));
    return [];
  });
}
