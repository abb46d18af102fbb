// What the engine and the process that knows a user's plugin say to each other.
import type { JsonObject } from "../../workflow/workflow.ts";
import type { OptionIssue, PluginProblem, ResolvedPlugin, ResolvedStep } from "./plugin_source.ts";

/** What the process is asked; without options it describes the plugin. */
export interface DescribeRequest {
  readonly specifier: string;
  readonly options?: JsonObject;
}

export type DescribeReply = ResolvedPlugin | PluginProblem | ResolvedStep | readonly OptionIssue[];

/** Marks the one line of output that is the reply; a plugin's module may print too. */
export const REPLY_MARK = "\u001ecairn-describe ";
