// Words for what the sandbox refused: what it was, as people know it, and the very lines that declare it.
import { relative, resolve } from "node:path";
import { hexOf } from "../../cache/content/digest.ts";
import type { Graph, GraphStep, PathKind } from "../../graph/graph.ts";
import { alternatives, isObject } from "../../graph/plugins/option_schema.ts";
import { withDescendants } from "../../graph/select.ts";
import type { Permissions } from "../../plugin.ts";
import type { Denial } from "./denial.ts";
import type { ReuseContext } from "../run_context.ts";

/** What the words depend on. */
export interface DenialScene {
  readonly context: Pick<ReuseContext, "graph" | "stateFolder" | "outputs">;
  readonly step: GraphStep;
  /** The process's working folder: relative paths were meant to start from the project's. */
  readonly workFolder: string;
  /** Says what lies at an absolute path. */
  readonly kindAt: (path: string) => Exclude<PathKind, "any"> | undefined;
}

/** A sentence and the way out; the hint has lines to copy below its first one. */
export interface DenialWords {
  readonly message: string;
  readonly hint: string;
}

const VERBS: Readonly<Record<string, string>> = {
  read: "reads",
  write: "writes",
  net: "connects to",
  env: "looks at the environment variable",
  run: "starts the program",
  sys: "asks the system for",
  ffi: "loads the native library",
  import: "imports",
};

/** Says what a step reached for and how to declare it. */
export function describeDenial(denial: Denial, scene: DenialScene): DenialWords {
  const { access, what } = denial;
  const isPath = (access === "read" || access === "write") && what?.startsWith("<") === false;
  const path = isPath ? meantPath(what, scene) : undefined;
  const name = path === undefined ? what : shownPath(path, scene.context.graph);
  const action = name === undefined
    ? `asks for ${access} access to everything`
    : `${VERBS[access] ?? `asks for ${access} access to`} "${name}"`;
  const message = `The plugin ${action}, which it has not declared`;
  return { message, hint: hintFor(denial, scene, path) };
}

function hintFor({ access, what }: Denial, scene: DenialScene, path: string | undefined): string {
  switch (access) {
    case "read":
      return path === undefined ? "Name the files that are read" : readHint(path, scene);
    case "write":
      return writeHint(path, scene);
    case "import":
      return `Import it by a fixed name, so that it belongs to the plugin's code:\n` +
        `await import(${JSON.stringify(what ?? "…")})`;
    case "ffi":
      return "Declare native libraries in the plugin's file:\npermissions: { ffi: true }";
    case "net":
    case "env":
    case "run":
    case "sys": {
      const declared = scene.step.plugin.permissions[access] ?? [];
      return `Declare it in the plugin's file:\n${
        permissionLine(access, [...declared, what ?? "NAME"])
      }`;
    }
    default:
      return "Declare it in the plugin's permissions";
  }
}

function permissionLine(kind: keyof Permissions, names: readonly string[]): string {
  return `permissions: { ${kind}: [${names.map((name) => JSON.stringify(name)).join(", ")}] }`;
}

/** The path that the plugin's author had in mind: relative ones start from the project. */
function meantPath(what: string, { context, workFolder }: DenialScene): string {
  const { projectFolder } = context.graph.workflow;
  const isInWork = what.startsWith(`${workFolder}/`);
  return resolve(projectFolder, isInWork ? what.slice(workFolder.length + 1) : what);
}

/** A path as the workflow would name it. */
function shownPath(path: string, { workflow }: Graph): string {
  const { projectFolder } = workflow;
  return path.startsWith(`${projectFolder}/`) ? relative(projectFolder, path) : path;
}

function readHint(path: string, scene: DenialScene): string {
  const { context, step, kindAt } = scene;
  if (/\.[cm]?[jt]sx?$/.test(path)) {
    return `Import the module by a fixed name, so that it belongs to the plugin's code:\n` +
      `await import(${JSON.stringify(fromPlugin(path, step))})`;
  }
  const producer = producerOf(path, scene);
  if (producer !== undefined) return inputHint(step, producer);
  if (path === context.stateFolder || path.startsWith(`${context.stateFolder}/`)) {
    return "What cairn stores is read as an input: connect the output of the step that makes it:\n" +
      "inputs: { NAME: STEP.OUTPUT }";
  }
  const kind = kindAt(path);
  const free = freeOption(step, kind ?? "file");
  const shown = quoted(shownPath(path, context.graph));
  if (free !== undefined) {
    return `Give it to the option that the plugin has for it:\nwith:\n  ${free}: ${shown}`;
  }
  const option = newOption(step);
  return `Declare it as an option in the plugin's file, and read config.${option}:\n` +
    `config: z.strictObject({ ${option}: path("${kind ?? "file"}") })\n` +
    `Then name it in the workflow:\nwith:\n  ${option}: ${shown}`;
}

/** A module's path as an import in the plugin's file names it. */
function fromPlugin(path: string, { plugin }: GraphStep): string {
  if (!plugin.specifier.startsWith("file:")) return path;
  const folder = decodeURIComponent(new URL(".", plugin.specifier).pathname);
  const way = relative(folder, path);
  return way.startsWith(".") ? way : `./${way}`;
}

interface Producer {
  readonly step: string;
  readonly output: string;
  readonly type: string;
}

/** The step that made what lies at a path, published or in the store; not one that needs this step. */
function producerOf(path: string, { context, step }: DenialScene): Producer | undefined {
  const { graph, outputs } = context;
  const after = withDescendants(graph, [step.name]);
  const isWithin = (folder: string): boolean => path === folder || path.startsWith(`${folder}/`);
  const published = graph.publish.filter(({ target }) => isWithin(target));
  const stored = [...outputs].flatMap(([name, made]) =>
    Object.entries(made).filter(([, digest]) => path.includes(hexOf(digest)))
      .map(([output]) => ({ step: name, output }))
  );
  const found = [...published, ...stored].find((output) => !after.has(output.step));
  if (found === undefined) return undefined;
  const type = graph.steps.get(found.step)?.resolved.outputs[found.output]?.type ?? "any";
  return { step: found.step, output: found.output, type };
}

function inputHint({ plugin, inputs }: GraphStep, { step, output, type }: Producer): string {
  const line = (port: string): string => `inputs: { ${port}: ${step}.${output} }`;
  const from = `Step "${step}" makes it`;
  if (plugin.inputs === "any") return `${from}: connect it, and read the input:\n${line(output)}`;
  const ports = Object.entries(plugin.inputs).filter(([, port]) => port.type === type);
  const given = ports.find(([port]) => inputs.some((input) => input.port === port));
  const free = ports.find(([port]) => !inputs.some((input) => input.port === port));
  if (free !== undefined) return `${from}: connect it:\n${line(free[0])}`;
  if (given !== undefined) return `${from}: read it at inputs.${given[0]}.path`;
  return `${from}: declare an input in the plugin's file, and connect it in the workflow:\n` +
    `inputs: { ${output}: { type: "${type}", description: "…" } }\n${line(output)}`;
}

/** An option for a path that the workflow leaves out, one of just this kind first. */
function freeOption(
  { plugin, given }: GraphStep,
  kind: Exclude<PathKind, "any">,
): string | undefined {
  const { properties } = plugin.configSchema;
  const free = Object.entries(isObject(properties) ? properties : {}).flatMap(([name, schema]) => {
    const marks = [...alternatives(schema)].flatMap(({ cairnPath }) => cairnPath ?? []);
    return marks.length === 0 || given.includes(name) ? [] : [{ name, marks }];
  });
  const taking = (wanted: string): string | undefined =>
    free.find(({ marks }) => marks.includes(wanted))?.name;
  return taking(kind) ?? taking("any");
}

function newOption({ plugin }: GraphStep): string {
  const { properties } = plugin.configSchema;
  const taken = isObject(properties) ? Object.keys(properties) : [];
  return ["file", "data", "source"].find((name) => !taken.includes(name)) ?? "more";
}

function writeHint(path: string | undefined, { context, step }: DenialScene): string {
  const ports = Object.keys(step.resolved.outputs);
  const [port = "NAME"] = ports;
  if (path !== undefined && /^undefined(\/|$)/.test(shownPath(path, context.graph))) {
    const names = ports.map((name) => `outputs.${name}`).join(", ");
    return `A name in the path is misspelt and gives undefined; there is ${names}`;
  }
  const { workflow } = context.graph;
  const inside = path?.startsWith(`${workflow.projectFolder}/`) === true &&
    !path.startsWith(`${context.stateFolder}/`);
  if (!inside) return `Write to outputs.${port} or, for what nobody needs afterwards, to scratch`;
  const shown = shownPath(path, context.graph);
  const file = shown.slice(shown.lastIndexOf("/") + 1);
  const folder = shown.includes("/") ? shown.slice(0, shown.lastIndexOf("/")) : "out";
  return `Write it to an output:\n\`\${outputs.${port}}/${file}\`\n` +
    `Then let the workflow publish that:\npublish:\n  ${quoted(folder)}: ${step.name}.${port}`;
}

/** Text as a YAML value. */
function quoted(text: string): string {
  return /^[\w./][\w./ -]*$/.test(text) && !text.endsWith(" ") ? text : JSON.stringify(text);
}
