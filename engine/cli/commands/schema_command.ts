// `cairn schema`: writes the JSON Schema by which editors complete, explain and check workflow files.
import { dirname, relative, resolve } from "node:path";
import { DiagnosticsError } from "../../diagnostics/diagnostic.ts";
import { usedPlugins } from "../../graph/editor/used_plugins.ts";
import { workflowAsPlugin } from "../../graph/editor/workflow_as_plugin.ts";
import { type NamedPlugin, workflowSchema } from "../../graph/editor/workflow_schema.ts";
import { PluginLock } from "../../graph/plugins/plugin_lock.ts";
import { Registry } from "../../graph/plugins/registry.ts";
import { STATE_FOLDER } from "../../run/folder/run_folder.ts";
import type { PluginProblem, ResolvedPlugin } from "../../graph/plugins/plugin_source.ts";
import { loadWorkflow } from "../../workflow/load.ts";
import { isWorkflowFile } from "../../workflow/sections/step/steps.ts";
import { findProjectFolder } from "../../workflow/source.ts";
import { type Arguments, type CliContext, type Command, EXIT } from "../command.ts";
import { schemaLine } from "./scaffold.ts";
import { count } from "../report/words.ts";

export const schemaCommand: Command = {
  name: "schema",
  summary: "writes .cairn/schema.json, by which editors complete and check workflow files",
  positionals: [],
  flags: {},
  perform: schema,
};

async function schema(context: CliContext, _args: Arguments): Promise<number> {
  const project = await findProjectFolder(`${context.cwd}/any`);
  const { path, own, problems } = await writeSchema(context, project);
  for (const line of problems) context.terminal.writeError(`${line}\n`);
  const shown = relative(context.cwd, path);
  context.terminal.write(
    `wrote ${shown}: ${
      count(context.builtIn.length, "plugin")
    } of cairn, ${own} of this project\n` +
      `Editors read it where a workflow's first line is\n` +
      `  ${schemaLine(shown)}with the path from the workflow's folder.\n`,
  );
  return EXIT.done;
}

/** A schema that was written. */
export interface WrittenSchema {
  /** Absolute. */
  readonly path: string;
  /** How many plugins it knows that do not come with cairn. */
  readonly own: number;
  /** Plugins that could not be asked, in words. */
  readonly problems: readonly string[];
}

/** Writes the schema of a project's workflow files into its state's folder. */
export async function writeSchema(context: CliContext, project: string): Promise<WrittenSchema> {
  const registry = new Registry(context.builtIn);
  const lock = await PluginLock.open(project);
  if (!(lock instanceof PluginLock)) throw new DiagnosticsError([lock]);
  const plugins: NamedPlugin[] = [];
  const problems: string[] = [];
  for (const uses of registry.names) {
    const plugin = await registry.resolve(uses, project, lock);
    if (!("problem" in plugin)) plugins.push({ uses, plugin });
  }
  for (const { uses, folder, workflow } of await usedPlugins(project)) {
    const plugin = isWorkflowFile(uses)
      ? await describeWorkflow(context, resolve(folder, uses))
      : await registry.resolve(uses, folder, lock);
    if ("problem" in plugin) problems.push(`left out "${uses}" of ${workflow}: ${plugin.problem}`);
    else if (!isKnown(plugins, { uses, plugin })) plugins.push({ uses, plugin });
  }
  const path = schemaPath(project);
  await Deno.mkdir(dirname(path), { recursive: true });
  await Deno.writeTextFile(path, `${JSON.stringify(workflowSchema(plugins), undefined, 2)}\n`);
  return { path, own: plugins.length - registry.names.length, problems };
}

/** A workflow file that is used as a step, with or without mistakes. */
async function describeWorkflow(
  { cwd, environment }: CliContext,
  path: string,
): Promise<ResolvedPlugin | PluginProblem> {
  const { workflow, params } = await loadWorkflow({ path, cwd, set: [], env: environment });
  return workflow === undefined
    ? { problem: "cannot be read as a workflow" }
    : workflowAsPlugin(workflow, params);
}

function isKnown(plugins: readonly NamedPlugin[], { uses, plugin }: NamedPlugin): boolean {
  return plugins.some((known) =>
    known.uses === uses && known.plugin.specifier === plugin.specifier
  );
}

/** Where the schema of a project's workflow files lies. */
export function schemaPath(project: string): string {
  return `${project}/${STATE_FOLDER}/schema.json`;
}
