// Finds plugins: built-in ones by name, in this process; a user's by file or URL, in a sandboxed process,
// so that checking a workflow never runs foreign code with the engine's permissions.
import type { Plugin } from "../../plugin.ts";
import { quote } from "../../diagnostics/suggest.ts";
import { isName } from "../../workflow/sections/names.ts";
import type { JsonObject } from "../../workflow/workflow.ts";
import { type DescribeReply, type DescribeRequest, REPLY_MARK } from "./describe_protocol.ts";
import { fetchCode } from "./fetch_code.ts";
import { loadProblem } from "./load_problem.ts";
import { arePermissions } from "./permission_words.ts";
import { isRemote, type PluginLock } from "./plugin_lock.ts";
import { type Importable, resolutionFlags } from "./resolution.ts";
import type {
  OptionIssue,
  PluginProblem,
  PluginSource,
  ResolvedPlugin,
  ResolvedStep,
} from "./plugin_source.ts";

/** A plugin that comes with cairn. */
export interface BuiltInPlugin {
  readonly name: string;
  /** URL of the module that exports it. */
  readonly specifier: string;
}

// Named by a variable, because Deno reads what a literal import names before the program starts; a workflow
// that is remembered needs neither plugins nor the schema library.
const DESCRIBE = import.meta.resolve("./describe.ts");

/** A plugin's module that says nothing for so long will never do. */
const ANSWER_WITHIN_MS = 30_000;

/** Built-in plugins and those that a workflow brings. */
export class Registry implements PluginSource {
  readonly names: readonly string[];
  readonly #builtIn: ReadonlyMap<string, BuiltInPlugin>;
  readonly #loaded = new Map<string, Promise<Plugin>>();

  constructor(builtIn: readonly BuiltInPlugin[]) {
    this.#builtIn = new Map(builtIn.map((entry) => [entry.name, entry]));
    this.names = [...this.#builtIn.keys()];
  }

  /** See {@link PluginSource.resolve}. */
  async resolve(
    uses: string,
    folder: string,
    lock: PluginLock,
  ): Promise<ResolvedPlugin | PluginProblem> {
    const builtIn = this.#builtIn.get(uses);
    if (builtIn !== undefined) {
      const { describePlugin } = await describing();
      return describePlugin(await this.#load(builtIn), builtIn.specifier);
    }
    if (isRemote(uses)) return await resolveRemote(uses, lock);
    const specifier = specifierOf(uses, folder);
    if (specifier === undefined) return { problem: "is not a plugin that comes with cairn" };
    const missing = await problemOfFile(specifier);
    if (missing !== undefined) return missing;
    return await askPlugin({ specifier }) as ResolvedPlugin | PluginProblem;
  }

  /** See {@link PluginSource.configure}. */
  async configure(
    plugin: ResolvedPlugin,
    config: JsonObject,
  ): Promise<ResolvedStep | readonly OptionIssue[]> {
    const builtIn = this.#builtIn.get(plugin.name);
    if (builtIn?.specifier === plugin.specifier) {
      const { describeStep } = await describing();
      return describeStep(await this.#load(builtIn), config);
    }
    const reply = await askPlugin(plugin, config);
    if ("problem" in reply) return [{ kind: "bad-value", path: [], message: reply.problem }];
    if (plugin.lockFile !== undefined && "command" in reply) return [PROGRAM_OF_STRANGER];
    const step = reply as ResolvedStep | readonly OptionIssue[];
    const odd = "outputs" in step
      ? Object.keys(step.outputs).find((name) => !isName(name))
      : undefined;
    return odd === undefined ? step : [oddOutput(odd)];
  }

  /** Loads the declaration of a built-in plugin. */
  #load({ name, specifier }: BuiltInPlugin): Promise<Plugin> {
    let loaded = this.#loaded.get(name);
    if (loaded === undefined) {
      loaded = loadPlugin(specifier);
      this.#loaded.set(name, loaded);
    }
    return loaded;
  }
}

async function loadPlugin(specifier: string): Promise<Plugin> {
  const { findPlugin } = await describing();
  const plugin = findPlugin(await import(specifier));
  if ("problem" in plugin) throw new Error(`the module ${specifier} ${plugin.problem}`);
  return plugin;
}

let describingModule: Promise<typeof import("./describe.ts")> | undefined;

/** Asked for by every step; an import that is repeated costs as much as the work. */
function describing(): Promise<typeof import("./describe.ts")> {
  return describingModule ??= import(DESCRIBE);
}

/** A plugin from elsewhere runs in the sandbox, or not at all. */
const PROGRAM_OF_STRANGER: OptionIssue = {
  kind: "bad-value",
  path: [],
  message: "It gives a program to start in its place, which only a plugin in a file may",
  hint: "Its author can start the program in `run` and declare it in permissions.run",
};

/** Outputs are folders of their names. */
function oddOutput(name: string): OptionIssue {
  const message = `Its output ${quote(name)} cannot be named so`;
  const hint = 'Its author names outputs by letters, digits, "-" and "_"';
  return { kind: "bad-value", path: [], message, hint };
}

async function resolveRemote(
  uses: string,
  lock: PluginLock,
): Promise<ResolvedPlugin | PluginProblem> {
  const { projectFolder } = lock;
  const known = lock.codeOf(uses);
  let found = await fetchCode(uses, { projectFolder, known });
  if ("problem" in found && found.isChanged && lock.trust.all) {
    found = await fetchCode(uses, { projectFolder, known: undefined });
  }
  if ("problem" in found) return found;
  lock.fetched(uses, found.code);
  const { lockFile } = found;
  const reply = await askPlugin({ specifier: uses, lockFile });
  if ("problem" in reply) return reply;
  const plugin = reply as ResolvedPlugin;
  // It could have answered for itself.
  if (!arePermissions(plugin.permissions)) return { problem: "declares permissions that are none" };
  // Where it comes from is not for it to say.
  return { ...plugin, specifier: uses, lockFile };
}

/** URL of the file of a plugin; undefined where `uses` is a bare name. */
function specifierOf(uses: string, folder: string): string | undefined {
  if (!/^\.{0,2}\//.test(uses)) return undefined;
  const base = new URL(`file://${folder.split("/").map(encodeURIComponent).join("/")}/`);
  return new URL(uses.split("/").map(encodeURIComponent).join("/"), base).href;
}

async function problemOfFile(specifier: string): Promise<PluginProblem | undefined> {
  if (!specifier.startsWith("file:")) return undefined;
  const info = await Deno.stat(new URL(specifier)).catch(() => undefined);
  if (info?.isFile) return undefined;
  const path = decodeURIComponent(new URL(specifier).pathname);
  return {
    problem: info === undefined ? "does not exist" : "is not a file",
    hint: `Looked for "${path}"; paths of plugins start from the workflow's own folder`,
  };
}

/** Loads the plugin's module in a process without any permission and asks it. */
async function askPlugin(
  plugin: Importable,
  options?: JsonObject,
): Promise<DescribeReply> {
  const { specifier, lockFile } = plugin;
  const request: DescribeRequest = { specifier, ...(options === undefined ? {} : { options }) };
  const main = new URL("./describe_main.ts", import.meta.url).href;
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--no-prompt",
      ...resolutionFlags(plugin),
      // The code of a stranger is in the cache already, and fetches no more on its way.
      ...(lockFile === undefined ? [] : ["--allow-import", "--cached-only"]),
      "-",
    ],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
    env: { NO_COLOR: "1" },
    signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(
    `import * as module from ${JSON.stringify(request.specifier)};\n` +
      `import { answer } from ${JSON.stringify(main)};\n` +
      `answer(module, ${JSON.stringify(request)});\n`,
  ));
  await writer.close();
  const { stdout, stderr, signal } = await child.output();
  const line = new TextDecoder().decode(stdout).split("\n").find((line) =>
    line.startsWith(REPLY_MARK)
  );
  if (line !== undefined) return JSON.parse(line.slice(REPLY_MARK.length)) as DescribeReply;
  if (signal !== null) {
    return { problem: `does not finish loading within ${ANSWER_WITHIN_MS / 1000} s` };
  }
  return loadProblem(new TextDecoder().decode(stderr));
}
