// The first pass over a run's steps: whatever is known to be unchanged is reused before anything is scheduled.
// It reads no file and starts nothing; every step that it cannot be sure of is left to runStep.
import type { ActionRecord } from "../cache/action_record.ts";
import type { PluginCode } from "../cache/plugin_code.ts";
import type { EventBody } from "../events/event.ts";
import type { GraphStep } from "../graph/graph.ts";
import { codeOf, isMendable, prepareKnown } from "./material.ts";
import { takeReused } from "./reuse.ts";
import type { RunContext } from "./run_context.ts";

/** Reuses what it can, in the order of the graph; gives the names of those steps. */
export async function reuseAtOnce(context: RunContext): Promise<ReadonlySet<string>> {
  const codes = await codesOf(context);
  return await context.store.access.share(() => {
    const reused = new Set<string>();
    const events: EventBody[] = [];
    for (const step of context.graph.steps.values()) {
      const code = codes.get(step.plugin.specifier);
      const record = code && knownRecord(context, step, code);
      if (record === undefined) continue;
      reused.add(step.name);
      events.push(takeReused(context, step, record));
    }
    context.emit(...events);
    return Promise.resolve(reused);
  });
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

function knownRecord(
  context: RunContext,
  step: GraphStep,
  code: PluginCode,
): ActionRecord | undefined {
  const canBeKnown = !context.forced.has(step.name) &&
    Object.keys(step.resolved.outputs).length > 0 &&
    step.dependsOn.every((before) => context.outputs.has(before));
  if (!canBeKnown) return undefined;
  try {
    const prepared = prepareKnown(context, step, code);
    const record = prepared && context.store.whole.recall(prepared.fingerprint);
    // Whether effects hold takes reading files.
    return record?.effects.length === 0 ? record : undefined;
  } catch (error) {
    if (isMendable(error)) return undefined;
    throw error;
  }
}
