// What a fingerprint is computed from, in short: while a remembered workflow, its code, its files and its
// inputs are the same as when a step's fingerprint was computed, the fingerprint is the same too.
import type { PluginCode } from "../../cache/recipe/plugin_code.ts";
import type { GraphStep } from "../../graph/graph.ts";
import { digestOf, environmentOf, type ScannedPath } from "./material.ts";
import type { ReuseContext } from "../run_context.ts";

/** The basis of a step's fingerprint; undefined where the workflow is not a remembered one. */
export function basisOf(
  context: ReuseContext,
  step: GraphStep,
  { code, paths }: { readonly code: PluginCode; readonly paths: readonly ScannedPath[] },
): string | undefined {
  if (context.graphIdentity === undefined) return undefined;
  const variables = step.plugin.permissions.env === undefined
    ? []
    : [JSON.stringify(environmentOf(context, step))];
  const secrets = context.secrets.digests(step, context.store.folder);
  if (secrets !== undefined) variables.push(JSON.stringify(secrets));
  return [
    context.graphIdentity,
    code.identity,
    ...paths.map(digestOf),
    ...step.inputs.map(({ from, output }) => context.outputs.get(from)?.[output]),
    ...variables,
  ].join(" ");
}
