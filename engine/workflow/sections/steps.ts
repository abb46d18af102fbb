// Reads the steps of a workflow. A part that cannot be read is marked as damaged and the rest goes on.
import {
  badName,
  badStepReference,
  listOfInputs,
  missingKey,
  noSteps,
} from "../../diagnostics/catalog.ts";
import { describeValue } from "../describe_value.ts";
import { isName, parseReference } from "./names.ts";
import { readOptions } from "./options.ts";
import type { Reading } from "../reading.ts";
import { readResources, readSeed, readTimeout } from "./step_limits.ts";
import type { InputLink, Located, Step, StepPart } from "../workflow.ts";
import type { YamlEntry, YamlNode } from "../yaml/tree.ts";

const STEP_KEYS = {
  keys: ["uses", "with", "inputs", "after", "resources", "timeout", "seed"],
  later: ["matrix", "if", "retry"],
};

/** Reads the map of steps; `root` is where to say that there are none. */
export function readSteps(
  reading: Reading,
  entry: YamlEntry | undefined,
  seed: number,
): readonly Step[] {
  const start = reading.place({ start: 0, end: 0 });
  if (entry === undefined) {
    reading.report(noSteps(start));
    return [];
  }
  const map = reading.map({ node: entry.value, name: '"steps"' });
  if (map?.entries.length === 0) reading.report(noSteps(reading.place(entry.keySpan)));
  return (map?.entries ?? []).map((step) => readStep(reading, step, seed));
}

function readStep(reading: Reading, entry: YamlEntry, seed: number): Step {
  const name = { value: entry.key, place: reading.place(entry.keySpan) };
  if (!isName(entry.key)) reading.report(badName(name.place, "step", entry.key));
  const where = `Step "${entry.key}"`;
  const fields = reading.fields(entry.value, { where, ...STEP_KEYS });
  const damaged = new Set<StepPart>(fields === undefined ? ["uses", "with", "inputs"] : []);
  const uses = fields && readUses(reading, fields.get("uses"), name);
  if (uses === undefined) damaged.add("uses");
  const inputs = readInputs(reading, fields?.get("inputs"), damaged);
  const ports = connectedPorts(fields?.get("inputs"));
  const { options, isComplete } = readOptions(
    reading.within({ ...reading.scope, inputs: ports }),
    fields?.get("with"),
    uses?.place ?? name.place,
  );
  if (!isComplete) damaged.add("with");
  const timeoutMs = readTimeout(reading, fields?.get("timeout"));
  const resources = fields?.get("resources");
  return {
    name,
    uses: uses ?? { value: "", place: name.place },
    with: options,
    inputs,
    after: readAfter(reading, fields?.get("after")),
    resources: readResources(reading, resources),
    resourcesPlace: resources === undefined ? name.place : reading.place(resources.keySpan),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    seed: readSeed(reading, fields?.get("seed")) ?? seed,
    damaged,
  };
}

function readUses(
  reading: Reading,
  entry: YamlEntry | undefined,
  name: Located<string>,
): Located<string> | undefined {
  if (entry !== undefined) return reading.text({ node: entry.value, name: '"uses"' });
  const where = `Step "${name.value}"`;
  return reading.report(missingKey(name.place, where, "uses", "the plugin, such as uses: prepare"));
}

function readInputs(
  reading: Reading,
  entry: YamlEntry | undefined,
  damaged: Set<StepPart>,
): readonly InputLink[] {
  if (entry === undefined) return [];
  const map = reading.map({ node: entry.value, name: '"inputs"' });
  const links = (map?.entries ?? []).flatMap((input) => readLink(reading, input) ?? []);
  if (links.length !== map?.entries.length) damaged.add("inputs");
  return links;
}

function connectedPorts(entry: YamlEntry | undefined): readonly string[] {
  return entry?.value.kind === "map" ? entry.value.entries.map(({ key }) => key) : [];
}

function readLink(reading: Reading, entry: YamlEntry): InputLink | undefined {
  const { key, keySpan, value } = entry;
  const port = { value: key, place: reading.place(keySpan) };
  if (value.kind === "list") {
    return reading.report(listOfInputs(reading.place(value.span), key));
  }
  const reference = readReference(reading, value, `Input "${key}"`);
  return reference && { port, ...reference };
}

/** Reads a value that names a step, or a step and one of its outputs. */
export function readReference(
  reading: Reading,
  node: YamlNode,
  subject: string,
): Pick<InputLink, "step" | "output"> | undefined {
  const place = reading.place(node.span);
  const value = node.kind === "scalar" ? reading.json(node) : null;
  if (value === undefined) return undefined;
  const text = typeof value === "string" ? value : undefined;
  const reference = text === undefined ? undefined : parseReference({ value: text, place });
  if (reference !== undefined) return reference;
  const present = node.kind === "scalar" ? describeValue(value) : `a ${node.kind}`;
  return reading.report(badStepReference(place, subject, present));
}

function readAfter(reading: Reading, entry: YamlEntry | undefined): readonly Located<string>[] {
  if (entry === undefined) return [];
  const nodes = entry.value.kind === "list" ? entry.value.items : [entry.value];
  return nodes.flatMap((node) => reading.text({ node, name: '"after"' }) ?? []);
}
