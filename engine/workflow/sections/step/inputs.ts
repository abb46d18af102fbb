// Reads what a step takes: references to the outputs of steps, one or a list of them for each port.
import { badStepReference, emptyInputList } from "../../../diagnostics/catalog.ts";
import { describeValue } from "../../describe_value.ts";
import type { Reading } from "../../reading.ts";
import type { InputLink } from "../../workflow.ts";
import type { YamlEntry, YamlNode } from "../../yaml/tree.ts";
import { parseReference, type StepReference } from "../names.ts";
import type { Namespace } from "../namespace.ts";
import { isLeftOut } from "./options.ts";

/** Reads `inputs` into references with full names; what is not complete has mistakes that were reported. */
export function readInputs(
  reading: Reading,
  entry: YamlEntry | undefined,
  namespace: Namespace,
): { readonly links: readonly InputLink[]; readonly isComplete: boolean } {
  if (entry === undefined) return { links: [], isComplete: true };
  const map = reading.map({ node: entry.value, name: '"inputs"' });
  const found = (map?.entries ?? []).map((input) => readPort(reading, input));
  const links = namespace.links(reading, found.flatMap((links) => links ?? []));
  return {
    links: links ?? [],
    isComplete: map !== undefined && links !== undefined && !found.includes(undefined),
  };
}

function readPort(reading: Reading, entry: YamlEntry): readonly InputLink[] | undefined {
  const { key, keySpan, value } = entry;
  const port = { value: key, place: reading.place(keySpan) };
  const subject = `Input "${key}"`;
  if (value.kind !== "list") {
    const given = value.kind === "scalar" ? reading.json(value) : null;
    if (given === undefined) return undefined;
    if (isLeftOut(value, given)) return [];
    const reference = readReference(reading, value, subject);
    return reference && [{ port, ...reference }];
  }
  if (value.items.length === 0) {
    return reading.report(emptyInputList(reading.place(value.span), key));
  }
  const links = value.items.flatMap((item): readonly InputLink[] => {
    const reference = readReference(reading, item, `An item of input "${key}"`);
    return reference === undefined ? [] : [{ port, ...reference, isListed: true }];
  });
  return links.length === value.items.length ? links : undefined;
}

/** Reads a value that names a step, or a step and one of its outputs. */
export function readReference(
  reading: Reading,
  node: YamlNode,
  subject: string,
): StepReference | undefined {
  const place = reading.place(node.span);
  const value = node.kind === "scalar" ? reading.json(node) : null;
  if (value === undefined) return undefined;
  const text = typeof value === "string" ? value : undefined;
  const reference = text === undefined ? undefined : parseReference({ value: text, place });
  if (reference !== undefined) return reference;
  const present = node.kind === "scalar" ? describeValue(value) : `a ${node.kind}`;
  return reading.report(badStepReference(place, subject, present));
}
