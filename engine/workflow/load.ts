// Loads a workflow: reads the file, checks it against the language, and tells every mistake with its place.
import { basename, extname } from "node:path";
import { emptyFile } from "../diagnostics/catalog.ts";
import { type Diagnostic, sortDiagnostics } from "../diagnostics/diagnostic.ts";
import { SourceFile } from "../diagnostics/source_file.ts";
import type { Scope } from "./expression/evaluate.ts";
import { type ParamValues, readParams, type Setting } from "./sections/params.ts";
import { readPublications } from "./sections/publish.ts";
import { Reading } from "./reading.ts";
import { type FilePath, filePath, findProjectFolder, readSource } from "./source.ts";
import { readSeed } from "./sections/step_limits.ts";
import { readSteps } from "./sections/steps.ts";
import { readTrust } from "./sections/trust.ts";
import type { Json, JsonObject, Workflow } from "./workflow.ts";
import { readYaml } from "./yaml/read.ts";
import type { YamlEntry, YamlNode } from "./yaml/tree.ts";

/** Which file to load, and what to fill in. */
export interface LoadRequest {
  /** Path of the workflow file, absolute or relative to `cwd`. */
  readonly path: string;
  /** Where the person stands: file names in messages are relative to it. */
  readonly cwd: string;
  /** Parameters given on the command line; the last of a name counts. */
  readonly set: readonly Setting[];
  /** Whether plugins from elsewhere are trusted as they are now. */
  readonly trust?: boolean;
  /** Looks up an environment variable. */
  env(name: string): string | undefined;
}

/** What a file says, and all that is wrong with it. */
export interface LoadResult {
  /** Absent where the file cannot be read as YAML; otherwise as much of it as could be understood. */
  readonly workflow: Workflow | undefined;
  /** Sorted by place. A workflow with errors is fit for further checks only, not for running. */
  readonly diagnostics: readonly Diagnostic[];
}

/** The keys of a workflow file. */
export const WORKFLOW_KEYS = {
  where: "A workflow",
  keys: ["name", "description", "seed", "params", "steps", "publish", "trust"],
  later: ["imports", "secrets"],
} as const;

/** Loads and checks a workflow file; mistakes are values, nothing is thrown for them. */
export async function loadWorkflow(request: LoadRequest): Promise<LoadResult> {
  const path = filePath(request.path, request.cwd);
  const file = await readSource(path);
  if (!(file instanceof SourceFile)) return { workflow: undefined, diagnostics: [file] };
  const { root, diagnostics } = await readYaml(file);
  if (root === undefined) {
    const nothing = emptyFile({ file, span: { start: 0, end: 0 } });
    return { workflow: undefined, diagnostics: diagnostics.length > 0 ? diagnostics : [nothing] };
  }
  const reading = new Reading(file, { params: new Map(), env: (name) => request.env(name) }, [
    ...diagnostics,
  ]);
  const workflow = await readWorkflow(reading, root, { path, set: request.set });
  return { workflow, diagnostics: sortDiagnostics(reading.problems) };
}

async function readWorkflow(
  reading: Reading,
  root: YamlNode,
  from: { readonly path: FilePath; readonly set: readonly Setting[] },
): Promise<Workflow | undefined> {
  const fields = reading.fields(root, WORKFLOW_KEYS);
  if (fields === undefined) return undefined;
  const params = await readParams(reading, fields.get("params")?.value, from.set);
  const scope: Scope = { ...reading.scope, params };
  const inner = reading.within(scope);
  const { absolute } = from.path;
  const projectFolder = await findProjectFolder(absolute);
  const seed = readSeed(inner, fields.get("seed")) ?? 0;
  return {
    file: reading.file,
    path: absolute,
    projectFolder,
    name: readText(inner, fields.get("name")) ?? basename(absolute, extname(absolute)),
    description: readText(inner, fields.get("description")) ?? "",
    params: knownParams(params),
    steps: readSteps(inner, fields.get("steps"), seed),
    publish: await readPublications(inner, fields.get("publish"), {
      projectFolder,
      workflowPath: absolute,
    }),
    trust: readTrust(inner, fields.get("trust")),
  };
}

function readText(reading: Reading, entry: YamlEntry | undefined): string | undefined {
  return entry && reading.text({ node: entry.value, name: `"${entry.key}"` })?.value;
}

function knownParams(params: ParamValues | undefined): JsonObject {
  const known = [...params ?? []].filter((param): param is [string, Json] =>
    param[1] !== undefined
  );
  return Object.fromEntries(known);
}
