// What is known of whether a step takes part in a run, before anything that other steps have made is read.
import type { SkipReason } from "../../events/event.ts";
import type { GraphCondition, GraphStep } from "../../graph/graph.ts";
import type { ReuseContext } from "../run_context.ts";

/** What a step is to a run. */
export type Part =
  | { readonly skipped: SkipReason }
  | {
    /** As it takes part: without the inputs that nothing is there for. */
    readonly step: GraphStep;
    /** Set where it does so only if a condition holds whose values are not looked at yet. */
    readonly undecided?: GraphCondition;
  };

/** What is known of a step's part without reading what other steps have made. */
export function knownPart({ skipped }: Pick<ReuseContext, "skipped">, whole: GraphStep): Part {
  const { condition } = whole;
  if (condition?.rest === false) return { skipped: { condition: condition.text } };
  const step = withoutSkipped(skipped, whole);
  const lacking = step === whole ? undefined : firstLacking(whole, step);
  if (lacking !== undefined) return { skipped: becauseOf(skipped, lacking) };
  const isDecided = condition === undefined || condition.rest === true;
  return isDecided ? { step } : { undecided: condition, step };
}

function withoutSkipped(skipped: ReuseContext["skipped"], step: GraphStep): GraphStep {
  if (skipped.size === 0) return step;
  const inputs = step.inputs.filter(({ from }) => !skipped.has(from));
  return inputs.length === step.inputs.length ? step : { ...step, inputs };
}

/** A step that was to make an input of which nothing is there, and which must not be left out. */
function firstLacking(whole: GraphStep, step: GraphStep): string | undefined {
  const { inputs: declared } = whole.plugin;
  const left = new Set(step.inputs.map(({ port }) => port));
  return whole.inputs.find(({ port }) =>
    !left.has(port) && (declared === "any" || declared[port]?.optional !== true)
  )?.from;
}

/** Why a step is skipped for which another one, that is skipped, would have made something. */
export function becauseOf(skipped: ReuseContext["skipped"], step: string): SkipReason {
  return { because: step, condition: skipped.get(step)?.condition ?? "" };
}
