// Entry point of the sandboxed process that asks a user's plugin about itself; it may touch nothing.
import type { JsonObject } from "../../workflow/workflow.ts";
import { describePlugin, describeStep, findPlugin } from "./describe.ts";
import type { OptionIssue, PluginProblem, ResolvedPlugin, ResolvedStep } from "./plugin_source.ts";

/** What the process is asked; without options it describes the plugin. */
export interface DescribeRequest {
  readonly specifier: string;
  readonly options?: JsonObject;
}

export type DescribeReply = ResolvedPlugin | PluginProblem | ResolvedStep | readonly OptionIssue[];

/** Marks the one line of output that is the reply; a plugin's module may print too. */
export const REPLY_MARK = "\u001ecairn-describe ";

/** Answers a request about a loaded module. */
export function answer(module: Readonly<Record<string, unknown>>, request: DescribeRequest): void {
  const plugin = findPlugin(module);
  const reply: DescribeReply = "problem" in plugin
    ? plugin
    : request.options === undefined
    ? describePlugin(plugin, request.specifier)
    : describeStep(plugin, request.options);
  Deno.stdout.writeSync(new TextEncoder().encode(`${REPLY_MARK}${JSON.stringify(reply)}\n`));
}
