// `cairn check`: every mistake in a workflow file at once; runs nothing.
import { type Arguments, type CliContext, type Command, EXIT } from "../command.ts";
import { WORKFLOW_FLAGS } from "../flags.ts";
import { openWorkflow } from "../open_workflow.ts";
import { count } from "../report/words.ts";

export const checkCommand: Command = {
  name: "check",
  summary: "reports every mistake in a workflow file, runs nothing",
  positionals: ["WORKFLOW"],
  flags: WORKFLOW_FLAGS,
  perform: check,
};

async function check(context: CliContext, args: Arguments): Promise<number> {
  const graph = await openWorkflow(context, args);
  context.terminal.write(
    `${graph.workflow.file.name}: no mistakes, ${count(graph.steps.size, "step")}\n`,
  );
  return EXIT.done;
}
