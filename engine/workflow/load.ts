// Loads a workflow: reads the file, checks it against the language, and tells every mistake with its place.
import { basename, extname } from "node:path";
import { inputsOfNobody, paramsFileMissing } from "../diagnostics/catalog.ts";
import { type Diagnostic, sortDiagnostics } from "../diagnostics/diagnostic.ts";
import type { Scope } from "./expression/evaluate.ts";
import { type OpenFile, WorkflowFiles } from "./files.ts";
import { type HashedFiles, hashFiles } from "./hashed_files.ts";
import { Reading } from "./reading.ts";
import {
  type GivenValue,
  readGivenValues,
  RunParams,
  type Setting,
} from "./sections/params/given_params.ts";
import { GroupLinks } from "./sections/used_files/group_links.ts";
import { Groups, readDeclaredInputs, readOutputs } from "./sections/used_files/groups.ts";
import { readParts } from "./sections/used_files/imports.ts";
import { readLevel } from "./sections/level.ts";
import { type GroupInput, Namespace } from "./sections/namespace.ts";
import type { ParamValues } from "./sections/params/params.ts";
import { readPublications } from "./sections/publish.ts";
import { readTrust } from "./sections/trust.ts";
import { filePath, findProjectFolder } from "./source.ts";
import type { FilesHash, Json, JsonObject, ParamDeclaration, Workflow } from "./workflow.ts";
import type { YamlEntry } from "./yaml/tree.ts";

/** Which file to load, and what to fill in. */
export interface LoadRequest {
  /** Path of the workflow file, absolute or relative to `cwd`. */
  readonly path: string;
  /** Where the person stands: file names in messages are relative to it. */
  readonly cwd: string;
  /** Parameters given on the command line; the last of a name counts. */
  readonly set: readonly Setting[];
  /** Path of a file with values of parameters, absolute or relative to `cwd`; `set` goes before them. */
  readonly paramsFile?: string | undefined;
  /** Whether plugins from elsewhere are trusted as they are now. */
  readonly trust?: boolean;
  /** Looks up an environment variable. */
  env(name: string): string | undefined;
}

/** What a file says, and all that is wrong with it. */
export interface LoadResult {
  /** Absent where the file cannot be read as YAML; otherwise as much of it as could be understood. */
  readonly workflow: Workflow | undefined;
  /** How parameters are declared, those of imported files first, as far as they could be read. */
  readonly params: readonly ParamDeclaration[];
  /** Sorted by place. A workflow with errors is fit for further checks only, not for running. */
  readonly diagnostics: readonly Diagnostic[];
}

/** The keys of a workflow file. */
export const WORKFLOW_KEYS = {
  where: "A workflow",
  keys: [
    "name",
    "description",
    "seed",
    "imports",
    "params",
    "secrets",
    "tokens",
    "inputs",
    "steps",
    "outputs",
    "publish",
    "trust",
  ],
} as const;

/** Loads and checks a workflow file; mistakes are values, nothing is thrown for them. */
export async function loadWorkflow(request: LoadRequest): Promise<LoadResult> {
  const problems: Diagnostic[] = [];
  const report = (problem: Diagnostic): void => void problems.push(problem);
  const files = new WorkflowFiles(request.cwd, report);
  const opened = await files.open(filePath(request.path, request.cwd), report);
  const read = opened && await readWorkflow(request, { opened, files, problems });
  const { workflow, params = [] } = read ?? {};
  return { workflow, params, diagnostics: sortDiagnostics(problems) };
}

/** The first file, and what goes along while it is read. */
interface Beginning {
  readonly opened: OpenFile;
  readonly files: WorkflowFiles;
  readonly problems: Diagnostic[];
}

async function readWorkflow(
  request: LoadRequest,
  { opened, files, problems }: Beginning,
): Promise<Pick<LoadResult, "workflow" | "params"> | undefined> {
  const env = (name: string): string | undefined => request.env(name);
  const { absolute } = opened.path;
  const projectFolder = await findProjectFolder(absolute);
  const hashes = new Hashes(projectFolder);
  const nothing: Scope = { params: new Map(), env, hashFiles: (patterns) => hashes.of(patterns) };
  const bare = new Reading(opened.file, nothing, problems);
  const parts = await readParts(files, bare, { file: opened, known: WORKFLOW_KEYS });
  const own = parts.at(-1);
  if (own === undefined) return undefined;
  const report = (problem: Diagnostic): undefined => bare.report(problem);
  const groups: Groups = new Groups(files, (inner, given) => readLevel(inner, given, groups));
  const { fields } = own;
  const inputs = readInputsOfNobody(own.reading, fields.get("inputs"));
  const namespace = inputs.size === 0 ? new Namespace() : new Namespace("", unknownInputs(inputs));
  const { params, supplies, steps, reading } = await readLevel(parts, {
    params: new RunParams(request.set, await readParamsFile(files, request, report), env, report),
    context: { seed: 0, namespace },
    files: [opened],
  }, groups);
  const links = new GroupLinks(groups.found, report);
  const outputs = readOutputs(reading, fields.get("outputs"), namespace);
  const groupOutputs = [...groups.found.map((group) => group.outputs), outputs].flatMap((named) =>
    [...named.values()].flatMap((made) => made ?? [])
  );
  const publish = await readPublications(reading, fields.get("publish"), {
    projectFolder,
    workflowPath: absolute,
    steps,
    links,
  });
  const workflow: Workflow = {
    file: opened.file,
    path: absolute,
    files: files.read,
    projectFolder,
    name: readText(reading, fields.get("name")) ?? basename(absolute, extname(absolute)),
    description: readText(reading, fields.get("description")) ?? "",
    hashes: hashes.known,
    params: knownParams(params.values),
    secrets: supplies.secrets === "damaged" ? [] : supplies.secrets,
    tokens: supplies.tokens ?? {},
    inputs: Object.fromEntries([...inputs].map(([name, { value }]) => [name, value])),
    steps: links.follow(steps),
    groupOutputs: groupOutputs.flatMap((link) => links.links(link) ?? []),
    publish,
    trust: readTrust(reading, fields.get("trust")),
  };
  return { workflow, params: params.declared };
}

/** A file that needs inputs cannot be run by itself; it is checked all the same. */
function readInputsOfNobody(
  reading: Reading,
  entry: YamlEntry | undefined,
): ReturnType<typeof readDeclaredInputs> {
  const inputs = readDeclaredInputs(reading, entry);
  if (entry !== undefined && inputs.size > 0) {
    reading.report(inputsOfNobody(reading.place(entry.keySpan)));
  }
  return inputs;
}

/** Inputs that nobody gives, about which nothing more is to be said. */
function unknownInputs(
  inputs: ReturnType<typeof readDeclaredInputs>,
): ReadonlyMap<string, GroupInput> {
  return new Map([...inputs].map(([name, { place }]) => [name, { place, links: undefined }]));
}

/** What `hashFiles` gave, each computed once. */
class Hashes {
  readonly #found = new Map<string, FilesHash | HashedFiles>();

  constructor(readonly folder: string) {}

  get known(): readonly FilesHash[] {
    return [...this.#found.values()].filter((found): found is FilesHash => "patterns" in found);
  }

  of(patterns: readonly string[]): HashedFiles {
    const key = JSON.stringify(patterns);
    const found = this.#found.get(key) ?? this.#hash(patterns);
    this.#found.set(key, found);
    return found;
  }

  #hash(patterns: readonly string[]): FilesHash | HashedFiles {
    const found = hashFiles(this.folder, patterns);
    return "digest" in found ? { patterns, digest: found.digest } : found;
  }
}

/** Reads the file of `--params`, if there is one. */
async function readParamsFile(
  files: WorkflowFiles,
  { paramsFile, cwd }: LoadRequest,
  report: (problem: Diagnostic) => void,
): Promise<ReadonlyMap<string, GivenValue>> {
  if (paramsFile === undefined) return new Map();
  const path = filePath(paramsFile, cwd);
  const opened = await files.open(path, (problem) =>
    report(
      problem.code === "file-missing" ? paramsFileMissing(paramsFile, path.absolute) : problem,
    ));
  return opened === undefined ? new Map() : readGivenValues(opened, report);
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
