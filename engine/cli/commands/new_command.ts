// `cairn new`: writes the first files of a plugin or of a workflow, never over anything.
import { dirname, relative } from "node:path";
import { filesExist, nameTaken, unfitName, unknownNew } from "../../diagnostics/catalog.ts";
import { DiagnosticsError } from "../../diagnostics/diagnostic.ts";
import { HOME_URL } from "../../graph/plugins/resolution.ts";
import { type Arguments, type CliContext, type Command, EXIT } from "../command.ts";
import {
  fileNameOf,
  IGNORE_FILE,
  type NewFile,
  pluginFiles,
  projectConfig,
  workflowFiles,
} from "./scaffold.ts";
import { schemaPath, writeSchema } from "./schema_command.ts";
import { findProjectFolder } from "../../workflow/source.ts";
import { table } from "../report/words.ts";

const KINDS = ["plugin", "workflow"] as const;

/** Where a folder of this name is, new files go into it. */
const WORKFLOWS = "workflows";

export const newCommand: Command = {
  name: "new",
  summary: "writes a plugin with its test and a workflow, or a workflow",
  positionals: ["plugin|workflow", "NAME"],
  flags: {},
  perform: create,
};

async function create(context: CliContext, args: Arguments): Promise<number> {
  const [kind = "", name = ""] = args.positionals;
  if (!KINDS.some((known) => known === kind)) {
    throw new DiagnosticsError([unknownNew(kind, KINDS)]);
  }
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name)) {
    throw new DiagnosticsError([unfitName(name, kebabCase(name))]);
  }
  if (kind === "plugin" && context.builtIn.some((plugin) => plugin.name === name)) {
    throw new DiagnosticsError([nameTaken(name)]);
  }
  const base = await exists(`${context.cwd}/${WORKFLOWS}`) ? `${WORKFLOWS}/` : "";
  const config = await findConfig(context.cwd);
  const project = config === undefined
    ? context.cwd // where the configuration is written makes the project's folder
    : await findProjectFolder(`${context.cwd}/any`);
  const schema = relative(`${context.cwd}/${base}`, schemaPath(project));
  const made = kind === "plugin" ? pluginFiles(name, schema) : workflowFiles(name, schema);
  const files = made.map((file) => ({ ...file, path: `${base}${file.path}` }));
  const written = config === undefined ? [...files, ...await projectFiles(context.cwd)] : files;
  await writeAll(context.cwd, written);
  await writeSchema(context, project);
  const rows = written.map(({ path, purpose }) => [`wrote ${path}`, purpose]);
  const words = nextSteps({
    kind,
    base,
    file: fileNameOf(name),
    config: config ?? "project",
    guide: guideFor(kind, context.cwd),
  });
  context.terminal.write(`${table(rows)}\nnext\n${words.map((line) => `  ${line}\n`).join("")}`);
  return EXIT.done;
}

/** What makes a folder a project; what to leave out of version control is often said already. */
async function projectFiles(cwd: string): Promise<readonly NewFile[]> {
  const config = projectConfig(HOME_URL);
  return await exists(`${cwd}/${IGNORE_FILE.path}`) ? [config] : [config, IGNORE_FILE];
}

/** Writes all of the files or, where one is there already, none. */
async function writeAll(cwd: string, files: readonly NewFile[]): Promise<void> {
  const present: string[] = [];
  for (const { path } of files) if (await exists(`${cwd}/${path}`)) present.push(path);
  if (present.length > 0) throw new DiagnosticsError([filesExist(present)]);
  for (const { path, text } of files) {
    await Deno.mkdir(dirname(`${cwd}/${path}`), { recursive: true });
    await Deno.writeTextFile(`${cwd}/${path}`, text, { createNew: true });
  }
}

/** What to type next, and what to do. */
function nextSteps(made: {
  readonly kind: string;
  readonly base: string;
  readonly file: string;
  readonly config: Config;
  /** Path of the text that tells more. */
  readonly guide: string;
}): readonly string[] {
  const { kind, base, file, config, guide } = made;
  const run = {
    cairn: "deno task run",
    project: "deno task cairn run",
    other: `deno run -A ${pathOfHome()}main.ts run`,
  }[config];
  const flags = config === "other" ? ` --no-lock --config ${pathOfHome()}deno.json` : "";
  return [
    `${run} ${base}${file}.yaml`,
    ...(kind === "plugin"
      ? [
        `deno test -A${flags} ${base}plugins/${file}_test.ts`,
        `then make ${base}plugins/${file}.ts your own: ${guide}`,
      ]
      : [`then make ${base}${file}.yaml your own: ${guide}`]),
  ];
}

function guideFor(kind: string, cwd: string): string {
  const path = `${pathOfHome()}${kind === "plugin" ? "plugins/" : ""}README.md`;
  return path.startsWith(`${cwd}/`) ? relative(cwd, path) : path;
}

function pathOfHome(): string {
  return HOME_URL.startsWith("file:") ? decodeURIComponent(new URL(HOME_URL).pathname) : HOME_URL;
}

/** Whose configuration Deno uses: cairn's own, one that takes imports from cairn's, or another one. */
type Config = "cairn" | "project" | "other";

async function findConfig(cwd: string): Promise<Config | undefined> {
  for (let folder = cwd;; folder = dirname(folder)) {
    for (const name of ["deno.json", "deno.jsonc"]) {
      const text = await Deno.readTextFile(`${folder}/${name}`).catch(() => undefined);
      if (text === undefined) continue;
      if (`${folder}/` === pathOfHome()) return "cairn";
      return text.includes(`"${HOME_URL}deno.json"`) ? "project" : "other";
    }
    if (dirname(folder) === folder) return undefined;
  }
}

function kebabCase(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, "$1-$2").toLowerCase()
    .replace(/[^a-z0-9]+/g, "-").replace(/^[^a-z]+|-$/g, "");
}

async function exists(path: string): Promise<boolean> {
  return await Deno.lstat(path).then(() => true, () => false);
}
