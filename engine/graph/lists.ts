// Inputs that are lists: what a step is told of their items, and what is wrong with a list.
import { listedTwice, oneOfManyWanted } from "../diagnostics/catalog.ts";
import type { Diagnostic, Place } from "../diagnostics/diagnostic.ts";
import type { InputLink, MatrixValues } from "../workflow/workflow.ts";
import type { GraphInput } from "./graph.ts";
import type { StepPlugin } from "./plugins/plugin_lookup.ts";

/** An output that a reference names. */
export interface NamedOutput {
  readonly producer: StepPlugin;
  readonly output: string;
  /** Name of the step, or of the group that gives the output, as the file of the reference knows it. */
  readonly name: string;
  /** Values of the matrices of the step and of its groups. */
  readonly matrix: MatrixValues;
  /** Where the reference stands. */
  readonly place: Place;
}

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
  const repeated = ends[again];
  if (repeated !== undefined) {
    report(listedTwice(repeated.place, references[again] ?? "", port));
    return [];
  }
  const isStepEnough = new Set(ends.map(({ name }) => name)).size === ends.length;
  return ends.map(({ producer, output, name, matrix }) => ({
    port,
    from: nameOf(producer),
    output,
    item: { name: isStepEnough ? name : `${name}.${output}`, matrix },
  }));
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
  const many = { count: ends.length, example: `${one}.${end.output}` };
  return oneOfManyWanted(link.step.place, input, many);
}
