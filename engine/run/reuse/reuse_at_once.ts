// The first pass over a run's steps: whatever is known to be unchanged is reused before anything is scheduled.
// It reads no file and starts nothing; every step that it cannot be sure of is left to runStep.
import type { WholeAction } from "../../cache/actions.ts";
import type { PluginCode } from "../../cache/recipe/plugin_code.ts";
import { readWhole } from "../../cache/index/whole_result.ts";
import type { EventBody } from "../../events/event.ts";
import type { GraphStep } from "../../graph/graph.ts";
import { basisOf } from "./basis.ts";
import { codeOf, isMendable, knownPaths, prepared, type ScannedPath } from "./material.ts";
import { knownPart } from "../conditions/known_part.ts";
import { takeReused } from "./reuse.ts";
import type { RunContext } from "../run_context.ts";

/** Reuses and skips what it can, in the order of the graph; gives the names of those steps. */
export async function reuseAtOnce(context: RunContext): Promise<ReadonlySet<string>> {
  const codes = await codesOf(context);
  return await context.store.access.share(() => {
    const over = new Set<string>();
    const events: EventBody[] = [];
    for (const step of context.graph.steps.values()) {
      const event = endAtOnce(context, step, codes.get(step.plugin.specifier));
      if (event === undefined) continue;
      over.add(step.name);
      events.push(event);
    }
    context.emit(...events);
    return Promise.resolve(over);
  });
}

/** Ends a step that is skipped or reused for certain; undefined where it takes a look. */
function endAtOnce(
  context: RunContext,
  step: GraphStep,
  code: PluginCode | undefined,
): EventBody | undefined {
  const part = knownPart(context, step);
  if ("skipped" in part) {
    context.skipped.set(step.name, part.skipped);
    return { type: "step-skipped", step: step.name, ...part.skipped };
  }
  if (part.undecided !== undefined) return undefined;
  const known = code && knownResult(context, part.step, code);
  return known && takeReused(context, part.step, known);
}

/** The code of each plugin; without those that are broken, which is said when their steps run. */
async function codesOf(context: RunContext): Promise<ReadonlyMap<string, PluginCode>> {
  const codes = new Map<string, PluginCode>();
  for (const step of context.graph.steps.values()) {
    if (codes.has(step.plugin.specifier)) continue;
    try {
      codes.set(step.plugin.specifier, await codeOf(context, step));
    } catch (error) {
      if (!isMendable(error)) throw error;
    }
  }
  return codes;
}

/** What is known of a step's result without reading a file. */
function knownResult(
  context: RunContext,
  step: GraphStep,
  code: PluginCode,
): (WholeAction & { readonly basis: string | undefined }) | undefined {
  const last = context.lastResults.recall(step.name);
  const canBeKnown = last?.whole !== undefined && !context.forced.has(step.name) &&
    Object.keys(step.resolved.outputs).length > 0 &&
    step.dependsOn.every((name) => context.outputs.has(name) || context.skipped.has(name));
  if (!canBeKnown) return undefined;
  const paths = knownPathsOrNone(context, step);
  if (paths === undefined) return undefined;
  const basis = basisOf(context, step, { code, paths });
  const isSame = basis !== undefined && basis === last.basis ||
    prepared(context, step, { code, paths }).fingerprint === last.fingerprint;
  if (!isSame) return undefined;
  const record = readWhole(context.store.folder, last.whole);
  // Whether effects hold takes reading files.
  return record?.effects.length === 0 ? { record, whole: last.whole, basis } : undefined;
}

/** What is wrong with a path is said when the step runs. */
function knownPathsOrNone(
  context: RunContext,
  step: GraphStep,
): readonly ScannedPath[] | undefined {
  try {
    return knownPaths(context, step);
  } catch (error) {
    if (isMendable(error)) return undefined;
    throw error;
  }
}
