// Inputs that are lists: what a step is told of their items, and what is wrong with a list.
import { listedTwice, oneOfManyWanted } from "../../diagnostics/catalog.ts";
import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import { seenName } from "../../workflow/sections/used_files/group_links.ts";
import type { InputLink } from "../../workflow/workflow.ts";
import type { GraphInput } from "../graph.ts";
import type { StepPlugin } from "../plugins/plugin_lookup.ts";

/** An output that a reference names. */
export interface NamedOutput {
  readonly producer: StepPlugin;
  readonly output: string;
  readonly reference: Reference;
  /** Whether the reference names several steps of a matrix. */
  readonly isMatrix: boolean;
}

/** What names outputs, wherever it stands. */
export type Reference = Omit<InputLink, "port" | "isListed">;

/** Full name of a step. */
export function nameOf({ step }: StepPlugin): string {
  return step.name.value;
}

/** The items of a list, in its order. */
export function listInputs(
  port: string,
  ends: readonly NamedOutput[],
  report: (problem: Diagnostic) => void,
): readonly GraphInput[] {
  const references = ends.map(({ producer, output }) => `${nameOf(producer)}.${output}`);
  const known = new Set<string>();
  const again = references.findIndex((reference) => known.size === known.add(reference).size);
  const repeated = ends[again]?.reference;
  if (repeated !== undefined) {
    const { place } = repeated.via ?? repeated.step;
    report(listedTwice(place, references[again] ?? "", port));
    return [];
  }
  const names = ends.map(({ producer, reference, isMatrix }) =>
    seenName(reference, nameOf(producer), isMatrix)
  );
  const isStepEnough = new Set(names).size === ends.length;
  return ends.map(({ producer, output, reference: { via } }, at) => {
    const name = names[at] ?? "";
    const matrix = { ...via?.matrix, ...producer.step.combination?.values };
    return {
      port,
      from: nameOf(producer),
      output,
      item: { name: isStepEnough ? name : `${name}.${output}`, matrix },
    };
  });
}

/** Many for an input that takes one; the hint pairs matrices that have the same keys. */
export function oneOfMany(
  { step, plugin }: StepPlugin,
  link: InputLink,
  ends: readonly NamedOutput[],
): Diagnostic | undefined {
  const [end] = ends;
  if (end === undefined) return undefined;
  const { combination, name } = end.producer.step;
  const keys = (combination?.label ?? "").split(",").map((part) =>
    part.slice(0, part.indexOf("="))
  );
  const own = step.combination?.values ?? {};
  const isPair = combination !== undefined && keys.every((key) => Object.hasOwn(own, key));
  const paired = keys.map((key) => `${key}=\${{ matrix.${key} }}`).join(",");
  const one = isPair ? `${combination.of}[${paired}]` : name.value;
  const input = { port: link.port.value, plugin: plugin?.name ?? "" };
  const { via } = link;
  const example = via === undefined
    ? `${one}.${end.output}`
    : [via.name, via.output].filter((part) => part !== undefined).join(".");
  return oneOfManyWanted((via ?? link.step).place, input, { count: ends.length, example });
}
