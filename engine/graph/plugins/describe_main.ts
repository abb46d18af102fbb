// Entry point of the sandboxed process that asks a user's plugin about itself; it may touch nothing.
import { describePlugin, describeStep, findPlugin } from "./describe.ts";
import { type DescribeReply, type DescribeRequest, REPLY_MARK } from "./describe_protocol.ts";

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
