// Finds what leaks: an input that must not tell of a part of the data, and is made from what does, over however
// many steps.
import { leak, type LeakHop } from "../../diagnostics/catalog.ts";
import type { Diagnostic, Place } from "../../diagnostics/diagnostic.ts";
import type { Port } from "../../plugin.ts";
import type { GraphInput } from "../graph.ts";
import type { Connections, Edge } from "./links.ts";
import type { StepPlugin } from "../plugins/plugin_lookup.ts";
import type { ResolvedStep } from "../plugins/plugin_source.ts";

/** A step with what it takes. */
export interface LinkedStep extends StepPlugin {
  readonly connections: Connections;
}

/** By which input a step came to tell of a part of the data; a step that reads the part itself has none. */
type Ways = Map<string, GraphInput>;

/** Reports the leaks among steps; `order` has each step after those it takes from. */
export function reportLeaks(
  order: readonly string[],
  steps: ReadonlyMap<string, LinkedStep>,
  report: (problem: Diagnostic) => void,
): void {
  const waysOf = new Map<string, Ways>();
  /** The parts that an output tells of. */
  const partsOf = ({ from, output }: GraphInput): readonly string[] => {
    const own = ownPart(steps.get(from)?.resolved, output);
    const inherited = waysOf.get(from)?.keys() ?? [];
    return own === undefined ? [...inherited] : [own, ...inherited];
  };
  for (const name of order) {
    const step = steps.get(name);
    if (step === undefined) continue;
    const ways: Ways = new Map();
    for (const input of step.connections.inputs) {
      for (const part of partsOf(input)) {
        if (!ways.has(part)) ways.set(part, input);
        if (part === refused(step, input)) report(describe(input, part, { step, steps, waysOf }));
      }
    }
    if (ways.size > 0) waysOf.set(name, ways);
  }
}

/** The part of the data that an output tells of by itself. */
function ownPart(resolved: ResolvedStep | undefined, output: string): string | undefined {
  const reveals = resolved?.outputs[output]?.reveals;
  if (typeof reveals !== "object") return reveals;
  const value = resolved?.config[reveals.option];
  return typeof value === "string" ? value : undefined;
}

function refused({ plugin }: LinkedStep, { port }: GraphInput): string | undefined {
  const inputs = plugin === undefined || plugin.inputs === "any" ? {} : plugin.inputs;
  const declared: Port | undefined = inputs[port];
  return declared?.refuses;
}

/** Follows a leak back to the step that reads the part of the data. */
function describe(
  input: GraphInput,
  part: string,
  known: {
    readonly step: LinkedStep;
    readonly steps: ReadonlyMap<string, LinkedStep>;
    readonly waysOf: ReadonlyMap<string, Ways>;
  },
): Diagnostic {
  const { step, steps, waysOf } = known;
  const hops: LeakHop[] = [];
  let at: GraphInput | undefined = input;
  let consumer = step;
  while (at !== undefined) {
    const producer = steps.get(at.from);
    if (producer === undefined) break;
    hops.push({
      step: nameOf(consumer),
      from: `${nameOf(producer)}.${at.output}`,
      place: placeOf(consumer, at),
    });
    // What tells of the part by itself is where it begins.
    if (ownPart(producer.resolved, at.output) === part) break;
    at = waysOf.get(at.from)?.get(part);
    consumer = producer;
  }
  const source = hops.at(-1)?.from ?? "";
  return leak(placeOf(step, input), { input: input.port, part, source }, hops);
}

/** The step as the file names it. */
function nameOf({ step }: StepPlugin): string {
  return step.combination?.of ?? step.name.value;
}

/** Where a step names the one that it takes from. */
function placeOf({ step, connections }: LinkedStep, { from }: GraphInput): Place {
  return connections.edges.find(({ to }: Edge) => to === from)?.place ?? step.name.place;
}
