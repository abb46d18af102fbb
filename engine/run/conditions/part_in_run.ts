// Whether a step takes part in a run: its condition holds, and of each of its inputs something is there.
import { DiagnosticsError } from "../../diagnostics/diagnostic.ts";
import type { SkipReason } from "../../events/event.ts";
import type { GraphCondition, GraphRead, GraphStep } from "../../graph/graph.ts";
import type { HashedFiles } from "../../workflow/hashed_files.ts";
import { describeValue } from "../../workflow/describe_value.ts";
import { evaluate } from "../../workflow/expression/evaluate.ts";
import type { Json } from "../../workflow/workflow.ts";
import { becauseOf, knownPart, type Part } from "./known_part.ts";
import { ConditionError, readValue } from "./read_value.ts";
import type { ReuseContext } from "../run_context.ts";

/** Decides on a step's part, where all is made that its condition needs; throws ConditionError. */
export async function partOf(context: ReuseContext, whole: GraphStep): Promise<Part> {
  const known = knownPart(context, whole);
  if ("skipped" in known || known.undecided === undefined) return known;
  const { undecided: condition, step } = known;
  const found = new Map<GraphRead, Found>();
  for (const read of Object.values(condition.reads)) {
    if (!context.outputs.has(read.from) && !context.skipped.has(read.from)) return known;
    found.set(read, await find(context, read));
  }
  const decision = compute(condition, found);
  return decision === true ? { step } : { skipped: decision };
}

/** What there is of a value: it counts only if the condition comes across it. */
type Found = { readonly value: Json } | { readonly skipped: SkipReason } | ConditionError;

async function find(context: ReuseContext, read: GraphRead): Promise<Found> {
  if (context.skipped.has(read.from)) return { skipped: becauseOf(context.skipped, read.from) };
  try {
    return { value: await readValue(context, read) };
  } catch (error) {
    if (error instanceof ConditionError) return error;
    throw error;
  }
}

/** Thrown through a condition that comes across what a skipped step would have made. */
class NothingToRead extends Error {
  constructor(readonly reason: SkipReason) {
    super();
  }
}

/** Computes a condition; why the step is skipped where it does not hold. */
function compute(
  { text, rest, reads, place }: GraphCondition,
  found: ReadonlyMap<GraphRead, Found>,
): true | SkipReason {
  const values: Record<string, Json> = {};
  const valueRead = (at: number): Json => {
    const read = reads[at];
    const value = read && found.get(read);
    if (read === undefined || value === undefined) throw new Error(`"${text}" has no value ${at}`);
    if (value instanceof ConditionError) throw value;
    if ("skipped" in value) throw new NothingToRead(value.skipped);
    return values[read.text] = value.value;
  };
  try {
    // All but what steps made was filled in when the workflow was read.
    const hashFiles = (): HashedFiles => ({ problem: "none", at: 0 });
    const scope = { params: undefined, env: () => undefined, hashFiles, valueRead };
    const value = typeof rest === "boolean" ? rest : evaluate(rest, scope, () => place);
    if (typeof value === "boolean") return value || { condition: text, values };
    const message = `Its condition must be true or false, not ${describeValue(value)}`;
    throw new ConditionError(message, "Compare it, such as ${{ … > 0 }}");
  } catch (error) {
    if (error instanceof NothingToRead) return error.reason;
    if (!(error instanceof DiagnosticsError)) throw error;
    throw new ConditionError(`Its condition cannot be computed: ${error.message}`);
  }
}
