// The workflows that the page can start, and what must be known of one to start it.
import {
  type BuiltInPlugin,
  checkWorkflow,
  type CliContext,
  type ParamDeclaration,
  Registry,
  renderDiagnostics,
} from "../../engine/mod.ts";
import { type Acting, ActionProblem } from "./actions.ts";
import type { RunLibrary } from "../runs/runs.ts";

/** Folders of a project in which people keep workflows. */
const FOLDERS = ["", "workflows/"];

/** A project in which runs can be started. */
export interface Workshop extends Acting {
  /** The project folder. */
  readonly folder: string;
  /** Whoever knows it may change things. */
  readonly token: string;
  readonly builtIn: readonly BuiltInPlugin[];
  readonly environment: CliContext["environment"];
}

/** What a form to start a workflow is made from. */
export interface WorkflowView {
  readonly file: string;
  readonly name: string;
  readonly description: string;
  readonly params: readonly ParamDeclaration[];
  readonly steps: readonly string[];
}

/** Workflow files of a project: those in their usual places, and those that have run. */
export async function listWorkflows(
  { folder }: Workshop,
  library: RunLibrary,
): Promise<readonly string[]> {
  const files = FOLDERS.flatMap((place) => yamlFiles(folder, place));
  const readers = await Promise.all(library.ids.map((id) => library.find(id)));
  const ran = readers.map((reader) => reader?.fold.head.file ?? "").filter((file) => file !== "");
  const present = [...new Set(ran)].filter((file) => isFile(`${folder}/${file}`));
  return [...new Set([...files, ...present])].sort();
}

/** Throws ActionProblem unless a file is one of the project's workflows. */
export async function refuseUnknown(
  workshop: Workshop,
  library: RunLibrary,
  file: string,
): Promise<void> {
  if ((await listWorkflows(workshop, library)).includes(file)) return;
  throw new ActionProblem(`"${file}" is none of this project's workflows`);
}

/** Reads a workflow file; throws ActionProblem for one that cannot be read. */
export async function openWorkflow(
  workshop: Workshop,
  library: RunLibrary,
  file: string,
): Promise<WorkflowView> {
  await refuseUnknown(workshop, library, file);
  const { folder, environment, builtIn } = workshop;
  const request = { path: file, cwd: folder, set: [], env: environment };
  const { graph, loaded, diagnostics } = await checkWorkflow(request, new Registry(builtIn));
  const { workflow, params } = loaded;
  // Other mistakes may come of a parameter's value, which the form can change: its forecast tells them.
  if (workflow === undefined) {
    throw new ActionProblem(renderDiagnostics(diagnostics, { color: false }));
  }
  const { name, description, steps } = workflow;
  return {
    file,
    name,
    description,
    params,
    steps: [...graph?.steps.keys() ?? steps.map(({ name }) => name.value)],
  };
}

function yamlFiles(folder: string, place: string): readonly string[] {
  try {
    return [...Deno.readDirSync(`${folder}/${place}`)]
      .filter(({ name, isFile }) => isFile && /\.ya?ml$/.test(name))
      .map(({ name }) => `${place}${name}`);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
