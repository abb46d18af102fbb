// Finds which output of a step a reference means: the one that it names, or the only one that fits.
import {
  ambiguousOutput,
  noFittingOutput,
  nothingToTake,
  typeMismatch,
  unknownOutput,
} from "../../diagnostics/catalog.ts";
import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import type { Port } from "../../plugin.ts";
import { localName } from "../../workflow/sections/used_files/group_links.ts";
import type { NamedSteps } from "../../workflow/step_names.ts";
import { type NamedOutput, nameOf, type Reference } from "./lists.ts";
import type { StepPlugin } from "../plugins/plugin_lookup.ts";

/** An input as its plugin declares it; "any", or what cannot be known because of a reported mistake. */
export type Wanted = WantedPort | "any" | "unknown";

/** An input of a declared type. */
export interface WantedPort {
  readonly port: string;
  readonly type: string;
  readonly many: boolean;
}

/** The outputs of steps, and where problems with them go. */
export class OutputFinder {
  constructor(
    readonly steps: ReadonlyMap<string, StepPlugin>,
    readonly report: (diagnostic: Diagnostic) => void,
  ) {}

  /** Finds the output of each step; undefined after a report, or where a step is unresolved. */
  outputs(
    reference: Reference,
    { names, isMatrix }: NamedSteps,
    wanted: Wanted,
  ): readonly NamedOutput[] | undefined {
    const found: NamedOutput[] = [];
    for (const name of names) {
      const producer = this.steps.get(name);
      const output = producer && this.#output(producer, reference, wanted);
      // What is wrong with one step of a matrix is most often wrong with all.
      if (producer === undefined || output === undefined) return undefined;
      found.push({ producer, output, reference, isMatrix });
    }
    return found;
  }

  #output(
    producer: StepPlugin,
    reference: Reference,
    wanted: Wanted,
  ): string | undefined {
    const outputs = producer.resolved?.outputs;
    if (outputs === undefined) return undefined;
    const { output } = reference;
    if (output === undefined) {
      return this.#inferred(producer, reference, wanted);
    }
    const port = Object.hasOwn(outputs, output.value) ? outputs[output.value] : undefined;
    const step = nameOf(producer);
    if (port === undefined) {
      const ends = { name: localName(step, reference), outputs: Object.keys(outputs) };
      this.report(unknownOutput(output.place, output.value, ends));
      return undefined;
    }
    if (typeof wanted === "object" && port.type !== wanted.type) {
      const { place } = producer.step.name;
      const seen = reference.via === undefined ? localName(step, reference) : step;
      const end = { step: seen, output: output.value, type: port.type, place };
      this.report(typeMismatch(reference.via?.place ?? output.place, wanted, end));
      return undefined;
    }
    return output.value;
  }

  #inferred(
    producer: StepPlugin,
    reference: Reference,
    wanted: Wanted,
  ): string | undefined {
    if (wanted === "unknown") return undefined;
    const outputs: readonly [string, Port][] = Object.entries(producer.resolved?.outputs ?? {});
    const fitting = outputs
      .filter(([, { type }]) => wanted === "any" || type === wanted.type)
      .map(([output]) => output);
    if (fitting.length === 1) return fitting[0];
    const { step: { place: written }, via } = reference;
    const step = localName(nameOf(producer), reference);
    if (fitting.length > 1) this.report(ambiguousOutput(written, step, fitting));
    else if (wanted === "any") this.report(nothingToTake(written, step));
    else {
      const made = outputs.map(([output, { type }]) => `${output} (${type})`);
      const { place } = producer.step.name;
      const seen = via === undefined ? step : nameOf(producer);
      const end = { step: seen, outputs: made, place };
      this.report(noFittingOutput((via ?? reference.step).place, wanted, end));
    }
    return undefined;
  }
}
