// Connects inputs with outputs: checks names and types, and finds the output that a step alone means.
import {
  ambiguousOutput,
  missingInput,
  noFittingOutput,
  nothingToTake,
  typeMismatch,
  unknownInput,
  unknownOutput,
  unknownStep,
} from "../diagnostics/catalog.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { nearest } from "../diagnostics/suggest.ts";
import type { Port } from "../plugin.ts";
import type { InputLink, Located } from "../workflow/workflow.ts";
import type { GraphInput } from "./graph.ts";
import type { StepPlugin } from "./plugins/plugin_lookup.ts";

// Comparing many unknown names with many known ones takes long, and nobody reads so many hints.
const MAX_SUGGESTIONS = 100;

/** What an input takes: a type, anything, or what cannot be known because of a reported mistake. */
type Wanted = { readonly port: string; readonly type: string } | "any" | "unknown";

/** Where links may lead, and where problems with them go. */
export class Linker {
  #makers: ReadonlyMap<string, readonly string[]> | undefined;
  #unknownSteps = 0;

  constructor(
    readonly steps: ReadonlyMap<string, StepPlugin>,
    readonly report: (diagnostic: Diagnostic) => void,
  ) {}

  /** Resolves the inputs of a step; those with mistakes are reported and left out. */
  inputs(consumer: StepPlugin): readonly GraphInput[] {
    const { step, plugin } = consumer;
    const links = step.inputs.flatMap((link) => this.#link(consumer, link) ?? []);
    if (plugin === undefined || plugin.inputs === "any" || step.damaged.has("inputs")) return links;
    const ports = Object.keys(plugin.inputs);
    // A misspelt port was reported and is not missing as well.
    const connected = new Set(step.inputs.map(({ port }) => nearest(port.value, ports)));
    for (const [port, { type, optional }] of Object.entries(plugin.inputs)) {
      if (optional === true || connected.has(port)) continue;
      const need = { plugin: plugin.name, port, type };
      this.report(missingInput(step.name.place, need, this.#makersOf(type, step.name.value)));
    }
    return links;
  }

  /** Finds a step that a reference names; reports it where there is none. */
  step(name: Located<string>): StepPlugin | undefined {
    const found = this.steps.get(name.value);
    if (found === undefined) {
      this.#unknownSteps++;
      const isWorthwhile = this.#unknownSteps <= MAX_SUGGESTIONS;
      const known = isWorthwhile ? [...this.steps.keys()] : [];
      this.report(unknownStep(name.place, name.value, known));
    }
    return found;
  }

  /** Finds the output that a reference means; undefined after a report, or where its step is unresolved. */
  output(
    reference: Pick<InputLink, "step" | "output">,
    wanted: Wanted = "any",
  ): string | undefined {
    const producer = this.step(reference.step);
    const outputs = producer?.resolved?.outputs;
    if (producer === undefined || outputs === undefined) return undefined;
    const { output } = reference;
    if (output === undefined) return this.#inferred(producer, reference.step, wanted);
    const port = Object.hasOwn(outputs, output.value) ? outputs[output.value] : undefined;
    const step = reference.step.value;
    if (port === undefined) {
      const ends = { name: step, outputs: Object.keys(outputs) };
      this.report(unknownOutput(output.place, output.value, ends));
      return undefined;
    }
    if (typeof wanted === "object" && port.type !== wanted.type) {
      const { place } = producer.step.name;
      const end = { step, output: output.value, type: port.type, place };
      this.report(typeMismatch(output.place, wanted, end));
      return undefined;
    }
    return output.value;
  }

  #link(consumer: StepPlugin, link: InputLink): GraphInput | undefined {
    const output = this.output(link, this.#wanted(consumer, link.port));
    if (output === undefined) return undefined;
    return { port: link.port.value, from: link.step.value, output };
  }

  #wanted({ plugin }: StepPlugin, name: Located<string>): Wanted {
    if (plugin === undefined) return "unknown";
    const { inputs } = plugin;
    if (inputs === "any") return "any";
    const port = Object.hasOwn(inputs, name.value) ? inputs[name.value] : undefined;
    if (port !== undefined) return { port: name.value, type: port.type };
    this.report(
      unknownInput(name.place, name.value, { name: plugin.name, inputs: Object.keys(inputs) }),
    );
    return "unknown";
  }

  #inferred(
    producer: StepPlugin,
    reference: Located<string>,
    wanted: Wanted,
  ): string | undefined {
    if (wanted === "unknown") return undefined;
    const outputs: readonly [string, Port][] = Object.entries(producer.resolved?.outputs ?? {});
    const fitting = outputs
      .filter(([, { type }]) => wanted === "any" || type === wanted.type)
      .map(([output]) => output);
    const step = reference.value;
    if (fitting.length === 1) return fitting[0];
    if (fitting.length > 1) this.report(ambiguousOutput(reference.place, step, fitting));
    else if (wanted === "any") this.report(nothingToTake(reference.place, step));
    else {
      const made = outputs.map(([output, { type }]) => `${output} (${type})`);
      const { place } = producer.step.name;
      this.report(noFittingOutput(reference.place, wanted, { step, outputs: made, place }));
    }
    return undefined;
  }

  #makersOf(type: string, consumer: string): readonly string[] {
    this.#makers ??= makersByType(this.steps);
    return (this.#makers.get(type) ?? []).filter((maker) => !maker.startsWith(`${consumer}.`));
  }
}

function makersByType(
  steps: ReadonlyMap<string, StepPlugin>,
): ReadonlyMap<string, readonly string[]> {
  const makers = new Map<string, string[]>();
  for (const [name, { resolved }] of steps) {
    for (const [output, { type }] of Object.entries(resolved?.outputs ?? {})) {
      const known = makers.get(type);
      if (known === undefined) makers.set(type, [`${name}.${output}`]);
      else known.push(`${name}.${output}`);
    }
  }
  return makers;
}
