// Connects the inputs of steps with the outputs of others, and orders them.
import {
  conditionReadsMany,
  missingInput,
  stepWithoutMatrix,
  tooManyConnections,
  unknownInput,
  unknownStep,
} from "../../diagnostics/catalog.ts";
import type { Diagnostic, Place } from "../../diagnostics/diagnostic.ts";
import { nearest } from "../../diagnostics/suggest.ts";
import type { Ports } from "../../plugin.ts";
import { type NamedSteps, type NoSteps, StepNames } from "../../workflow/step_names.ts";
import type { Condition, InputLink, Located, Step } from "../../workflow/workflow.ts";
import { valuesIn } from "../../workflow/expression/reduce.ts";
import type { GraphCondition, GraphInput, GraphRead } from "../graph.ts";
import { listInputs, type NamedOutput, nameOf, oneOfMany, type Reference } from "./lists.ts";
import { OutputFinder, type Wanted } from "./output_finder.ts";
import type { StepPlugin } from "../plugins/plugin_lookup.ts";

// Comparing many unknown names with many known ones takes long, and nobody reads so many hints.
const MAX_SUGGESTIONS = 100;

// What fits into memory with ease.
const MAX_CONNECTIONS = 1_000_000;

/** An edge to another step and the place that draws it. */
export interface Edge {
  readonly to: string;
  readonly place: Place;
}

/** What connects a step with others. */
export interface Connections {
  readonly inputs: readonly GraphInput[];
  readonly condition?: GraphCondition;
  /** Of all inputs, also of those with mistakes, of `if` and of `after`. */
  readonly edges: readonly Edge[];
}

/** Where links may lead, and where problems with them go. */
export class Linker {
  readonly #names: StepNames;
  readonly #finder: OutputFinder;
  #makers: ReadonlyMap<string, readonly string[]> | undefined;
  #unknownSteps = 0;
  #connections = 0;

  constructor(
    readonly steps: ReadonlyMap<string, StepPlugin>,
    readonly report: (diagnostic: Diagnostic) => void,
  ) {
    this.#finder = new OutputFinder(steps, report);
    this.#names = new StepNames([...steps].map(([name, { step }]) => ({
      name,
      isUnsure: step.damaged.has("matrix"),
    })));
  }

  /** Resolves the inputs of a step and its order; those with mistakes are reported and left out. */
  connect(consumer: StepPlugin): Connections {
    const { step, plugin } = consumer;
    const edges: Edge[] = [];
    const inputs: GraphInput[] = [];
    for (const links of byPort(step.inputs)) {
      const named = links.map((link) => this.#named(link.step, edges, link.via?.place));
      for (const input of this.#port(consumer, links, named)) inputs.push(input);
    }
    const condition = step.condition && this.#condition(step.condition, edges);
    for (const reference of step.after) this.#named(reference, edges);
    if (plugin !== undefined && plugin.inputs !== "any" && !step.damaged.has("inputs")) {
      this.#checkMissing(step, { name: plugin.name, inputs: plugin.inputs });
    }
    return { inputs, ...(condition === undefined ? {} : { condition }), edges };
  }

  /** Resolves the values that a condition reads; only those that count make edges. */
  #condition({ text, rest, reads, place }: Condition, edges: Edge[]): GraphCondition {
    const needed = new Set(typeof rest === "boolean" ? [] : valuesIn(rest));
    const resolved: Record<number, GraphRead> = {};
    for (const [at, { text, step, output, keys }] of reads.entries()) {
      const named = this.#named(step, needed.has(at) ? edges : []);
      const [example] = named?.names ?? [];
      if (named === undefined || example === undefined) continue;
      if (named.isMatrix) {
        const many = { count: named.names.length, example };
        this.report(conditionReadsMany(step.place, step.value, many));
        continue;
      }
      const [end] = this.#finder.outputs({ step, output }, named, "any") ?? [];
      if (end === undefined || !needed.has(at)) continue;
      resolved[at] = { text, from: nameOf(end.producer), output: end.output, keys };
    }
    return { text, rest, reads: resolved, place };
  }

  /** Finds the outputs that a reference names; undefined after a report, or where a step is unresolved. */
  outputs(reference: Reference): readonly NamedOutput[] | undefined {
    const named = this.#named(reference.step);
    return named && this.#finder.outputs(reference, named, "any");
  }

  #checkMissing(
    step: Step,
    plugin: { readonly name: string; readonly inputs: Ports },
  ): void {
    const ports = Object.keys(plugin.inputs);
    // A misspelt port was reported and is not missing as well.
    const connected = new Set(step.inputs.map(({ port }) => nearest(port.value, ports)));
    for (const [port, { type, optional }] of Object.entries(plugin.inputs)) {
      if (optional === true || connected.has(port)) continue;
      const need = { plugin: plugin.name, port, type };
      this.report(missingInput(step.name.place, need, this.#makersOf(type, step)));
    }
  }

  /** Finds the steps that a reference names and adds the edges to them; reports it where there are none. */
  #named(
    { value, place }: Located<string>,
    edges: Edge[] = [],
    drawn: Place = place,
  ): NamedSteps | undefined {
    const found = this.#names.find(value);
    if ("why" in found) {
      this.#reportUnknown(place, found);
      return undefined;
    }
    const before = this.#connections;
    this.#connections += found.names.length;
    if (this.#connections > MAX_CONNECTIONS) {
      if (before <= MAX_CONNECTIONS) this.report(tooManyConnections(place, MAX_CONNECTIONS));
      return undefined;
    }
    for (const to of found.names) edges.push({ to, place: drawn });
    return found;
  }

  #reportUnknown(place: Place, found: NoSteps): void {
    if (found.why === "unsure") return;
    if (found.why === "no-matrix") return this.report(stepWithoutMatrix(place, found.step));
    this.#unknownSteps++;
    const isWorthwhile = this.#unknownSteps <= MAX_SUGGESTIONS;
    this.report(unknownStep(place, found.name, isWorthwhile ? [...found.candidates] : []));
  }

  /** Resolves all that one port is given. */
  #port(
    consumer: StepPlugin,
    links: readonly InputLink[],
    named: readonly (NamedSteps | undefined)[],
  ): readonly GraphInput[] {
    const [first] = links;
    if (first === undefined) return [];
    const wanted = this.#wanted(consumer, first.port);
    // What is wrong with one step that a group stands for is most often wrong with all.
    const wrong = new Set<Place>();
    const ends = links.flatMap((link, at) => {
      const steps = named[at];
      const seenAt = link.via?.place;
      if (steps === undefined || (seenAt !== undefined && wrong.has(seenAt))) return [];
      const found = this.#finder.outputs(link, steps, wanted);
      if (found === undefined && seenAt !== undefined) wrong.add(seenAt);
      return found ?? [];
    });
    const port = first.port.value;
    const isMany = first.isListed === true || named.some((steps) => steps?.isMatrix === true);
    if (typeof wanted === "object" && !wanted.many && isMany) {
      const problem = oneOfMany(consumer, first, ends);
      if (problem !== undefined) this.report(problem);
      return [];
    }
    const isList = isMany || (typeof wanted === "object" && wanted.many);
    if (!isList) {
      return ends.map(({ producer, output }) => ({ port, from: nameOf(producer), output }));
    }
    return listInputs(port, ends, this.report);
  }

  #wanted({ plugin }: StepPlugin, name: Located<string>): Wanted {
    if (plugin === undefined) return "unknown";
    const { inputs } = plugin;
    if (inputs === "any") return "any";
    const port = Object.hasOwn(inputs, name.value) ? inputs[name.value] : undefined;
    if (port !== undefined) {
      return { port: name.value, type: port.type, many: port.many === true };
    }
    this.report(
      unknownInput(name.place, name.value, { name: plugin.name, inputs: Object.keys(inputs) }),
    );
    return "unknown";
  }

  /** Outputs of a type that the file of a step can name. */
  #makersOf(type: string, { name, combination }: Step): readonly string[] {
    this.#makers ??= makersByType(this.steps);
    const own = `${combination?.of ?? name.value}.`;
    const within = groupOf(name.value);
    return (this.#makers.get(type) ?? [])
      .filter((maker) => groupOf(maker) === within && !maker.startsWith(own))
      .map((maker) => maker.slice(within.length));
  }
}

/** What stands before a step's own name: `prepared/`, or nothing. */
function groupOf(name: string): string {
  return name.slice(0, name.lastIndexOf("/") + 1);
}

/** Links of one port after the other; those of a list stand together. */
function byPort(links: readonly InputLink[]): readonly (readonly InputLink[])[] {
  if (links.length < 2) return links.length === 0 ? [] : [links];
  const ports = new Map<string, InputLink[]>();
  for (const link of links) {
    const others = ports.get(link.port.value);
    if (others === undefined) ports.set(link.port.value, [link]);
    else others.push(link);
  }
  return [...ports.values()];
}

function makersByType(
  steps: ReadonlyMap<string, StepPlugin>,
): ReadonlyMap<string, readonly string[]> {
  const makers = new Map<string, string[]>();
  for (const [full, { step, resolved }] of steps) {
    // Without brackets, a matrix's outputs are one maker.
    const name = step.combination?.of ?? full;
    for (const [output, { type }] of Object.entries(resolved?.outputs ?? {})) {
      const known = makers.get(type);
      if (known === undefined) makers.set(type, [`${name}.${output}`]);
      else if (known.at(-1) !== `${name}.${output}`) known.push(`${name}.${output}`);
    }
  }
  return makers;
}
