// Reads `after`: steps to wait for without taking anything of them.
import { badAfter } from "../../../diagnostics/catalog.ts";
import { describeValue } from "../../describe_value.ts";
import type { Reading } from "../../reading.ts";
import type { Located } from "../../workflow.ts";
import type { YamlEntry } from "../../yaml/tree.ts";
import { parseReference } from "../names.ts";
import type { Namespace } from "../namespace.ts";

/** Reads `after`, a step or a list of them, into full names. */
export function readAfter(
  reading: Reading,
  entry: YamlEntry | undefined,
  namespace: Namespace,
): readonly Located<string>[] {
  if (entry === undefined) return [];
  const nodes = entry.value.kind === "list" ? entry.value.items : [entry.value];
  return nodes.flatMap((node) => {
    const value = node.kind === "scalar" ? reading.json(node) : null;
    if (value === undefined) return [];
    const place = reading.place(node.span);
    const reference = typeof value === "string" ? parseReference({ value, place }) : undefined;
    if (reference !== undefined && reference.output === undefined) {
      return [namespace.step(reference.step)];
    }
    const present = node.kind === "scalar" ? describeValue(value) : `a ${node.kind}`;
    reading.report(badAfter(place, present, reference?.step.value));
    return [];
  });
}
