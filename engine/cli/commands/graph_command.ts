// `cairn graph`: the dependency graph as text for other programs.
import { badFlagValue } from "../../diagnostics/catalog.ts";
import { DiagnosticsError } from "../../diagnostics/diagnostic.ts";
import { GRAPH_FORMATS, type GraphFormat, renderGraph } from "../../graph/render.ts";
import { type Arguments, type CliContext, type Command, EXIT } from "../command.ts";
import { WORKFLOW_FLAGS } from "../flags.ts";
import { openWorkflow } from "../open_workflow.ts";

export const graphCommand: Command = {
  name: "graph",
  summary: "prints the dependency graph",
  positionals: ["WORKFLOW"],
  flags: {
    ...WORKFLOW_FLAGS,
    format: { type: "string", value: "mermaid|dot|json", description: "mermaid by default" },
  },
  perform: graph,
};

async function graph(context: CliContext, args: Arguments): Promise<number> {
  const format = args.text("format") ?? "mermaid";
  if (!isFormat(format)) {
    const wanted = `one of ${GRAPH_FORMATS.join(", ")}, not "${format}"`;
    throw new DiagnosticsError([badFlagValue("--format", wanted)]);
  }
  context.terminal.write(renderGraph(await openWorkflow(context, args), format));
  return EXIT.done;
}

function isFormat(text: string): text is GraphFormat {
  return (GRAPH_FORMATS as readonly string[]).includes(text);
}
