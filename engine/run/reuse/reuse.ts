// Decides whether a step's result can be reused, and says in words why it cannot.
import type { ActionRecord } from "../../cache/action_record.ts";
import { dropActions, findWholeAction, type WholeAction } from "../../cache/actions.ts";
import type { Value } from "../../cache/content/digest.ts";
import {
  type Difference,
  differences,
  type FingerprintMaterial,
} from "../../cache/recipe/fingerprint.ts";
import { DamagedObjectError } from "../../cache/store.ts";
import type { EventBody } from "../../events/event.ts";
import type { GraphStep } from "../../graph/graph.ts";
import { lastResult } from "./last_result.ts";
import type { Prepared } from "./material.ts";
import type { ReuseContext } from "../run_context.ts";

/** Why a step must run. */
export interface Miss {
  /** As the end of a sentence. */
  readonly reason: string;
  /** What changed since the step's last result; empty where that is not the reason. */
  readonly differences: readonly Difference[];
}

/** A result to reuse, or why there is none. */
export type Verdict = WholeAction | Miss;

/** Looks for a result whose every byte is still there and whose effects still hold. */
export async function lookUp(
  context: ReuseContext,
  step: GraphStep,
  prepared: Prepared,
): Promise<Verdict> {
  const found = await lookFor(context, step, prepared);
  return found ?? await explainMiss(context, step, prepared.material);
}

/** As lookUp, for a step that was looked up before: does not say why there is nothing. */
export async function lookAgain(
  context: ReuseContext,
  step: GraphStep,
  prepared: Prepared,
): Promise<WholeAction | undefined> {
  const found = await lookFor(context, step, prepared);
  return found !== undefined && "record" in found ? found : undefined;
}

/** Undefined where nothing is stored. */
async function lookFor(
  context: ReuseContext,
  step: GraphStep,
  prepared: Prepared,
): Promise<Verdict | undefined> {
  const never = whyNotReused(context, step);
  if (never !== undefined) return missed(never);
  try {
    const found = await findWholeAction(context.store, prepared.fingerprint);
    const lost = found && await lostEffect(context, found.record);
    return lost === undefined ? found : missed(`"${lost}", which it wrote, has changed since`);
  } catch (error) {
    if (!(error instanceof DamagedObjectError)) throw error;
    await dropActions(context.store, prepared.fingerprint);
    return missed(`its ${error.message}`);
  }
}

/** A result that takes a step's place, and what is known of it and of where it came from. */
export interface Reusable {
  readonly record: ActionRecord;
  readonly whole?: string | undefined;
  readonly basis?: string | undefined;
  /** Absent where it lay in the store. */
  readonly origin?: { readonly from: string; readonly fetchedBytes: number };
}

/** Lets a result take the step's place; gives the event that tells of it. */
export function takeReused(
  context: ReuseContext,
  step: GraphStep,
  { record, whole, basis, origin }: Reusable,
): EventBody {
  context.outputs.set(step.name, record.outputs);
  const { fingerprint, run: madeBy, durationMs: savedMs, peakMemoryBytes } = record;
  context.lastResults.remember(step.name, {
    fingerprint,
    durationMs: savedMs,
    peakMemoryBytes,
    basis,
    whole,
  });
  return { type: "step-reused", step: step.name, fingerprint, madeBy, savedMs, ...origin };
}

/** Why no result may take the step's place, wherever one lies; undefined where one may. */
export function whyNotReused(context: ReuseContext, step: GraphStep): string | undefined {
  if (context.forced.has(step.name)) return "it was asked to run again";
  const hasOutputs = Object.keys(step.resolved.outputs).length > 0;
  return hasOutputs ? undefined : "it declares no output that could be reused";
}

function missed(reason: string, found: readonly Difference[] = []): Miss {
  return { reason, differences: found };
}

async function lostEffect(
  context: ReuseContext,
  record: ActionRecord,
): Promise<string | undefined> {
  for (const { path, digest } of record.effects) {
    const found = await context.store.digests.find(`${context.stateFolder}/${path}`);
    if (found?.digest !== digest) return path;
  }
  return undefined;
}

/** Compares with the step's last result, field by field. */
async function explainMiss(
  context: ReuseContext,
  step: GraphStep,
  material: FingerprintMaterial,
): Promise<Miss> {
  const last = await lastResult(context, step.name);
  if (last === "never") return missed("it has not run before");
  if (last === "lost") return missed("nothing is known of its last run any more");
  const found = differences(last.material, material);
  return found.length === 0
    ? missed("its last result is gone")
    : missed(describeDifferences(found), found);
}

const MOST_CHANGES = 4;

/** Differences as the end of a sentence: `option "lr" changed from 0.001 to 0.01; input "tiles" changed`. */
export function describeDifferences(found: readonly Difference[]): string {
  const code = found.filter(({ field }) => field[0] === "plugin" && field[1] === "code");
  const others = found.filter((difference) => !code.includes(difference));
  const words = others.map(describeDifference);
  if (code.length > 0) words.push(describeCode(code));
  const shown = words.slice(0, MOST_CHANGES);
  if (words.length > shown.length) shown.push(`and ${words.length - shown.length} more changes`);
  return shown.join("; ");
}

function describeDifference({ field, before, after }: Difference): string {
  const [part, ...rest] = field;
  const name = rest.join(".");
  switch (part) {
    case "config":
      return `option "${name}" changed ${fromTo(before, after)}`;
    case "paths":
      return `the content of option "${name}" changed`;
    case "inputs":
      return before === undefined
        ? `input "${name}" is connected now`
        : after === undefined
        ? `input "${name}" is not connected any more`
        : `input "${name}" has other content`;
    case "outputs":
      return `output "${name}" changed ${fromTo(before, after)}`;
    case "env":
      return `environment variable "${name}" changed`;
    case "secrets":
      return `the secret "${name}" changed`;
    case "seed":
      return `the seed changed ${fromTo(before, after)}`;
    case "platform":
      return `the ${name} changed ${fromTo(before, after)}`;
    default:
      return `the plugin's ${name} changed ${fromTo(before, after)}`;
  }
}

function describeCode(code: readonly Difference[]): string {
  const names = code.map(({ field }) => field.slice(2).join(".").replace(/^npm:/, ""));
  const shown = names.slice(0, 3).map((name) => `"${name}"`).join(", ");
  return `plugin code ${shown}${names.length > 3 ? ` and ${names.length - 3} more` : ""} changed`;
}

function fromTo(before: Value | undefined, after: Value | undefined): string {
  const show = (value: Value | undefined): string => {
    const text = value === undefined ? "nothing" : JSON.stringify(value);
    return text.length > 60 ? `${text.slice(0, 57)}…` : text;
  };
  return `from ${show(before)} to ${show(after)}`;
}
