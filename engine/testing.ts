// The contract test of plugins, imported as "cairn/testing": runs a plugin in the real sandbox and checks what
// the engine relies on.
import { type Digest, parseDigest } from "./cache/content/digest.ts";
import type { TreeEntry } from "./cache/content/tree.ts";
import { DiagnosticsError } from "./diagnostics/diagnostic.ts";
import { renderDiagnostics } from "./diagnostics/render.ts";
import type { Event, StepFailed, StepFinished } from "./events/event.ts";
import { isRemote } from "./graph/plugins/plugin_lock.ts";
import { GRACE_MS } from "./run/process/child_process.ts";
import { pathOf, type PluginTest, TestProject } from "./testing/test_project.ts";

export type { GivenFiles, PluginTest } from "./testing/test_project.ts";

/** What a plugin made and said; disposing it removes the files. */
export interface TestedPlugin extends AsyncDisposable {
  /** Folder of each output. */
  readonly outputs: Readonly<Record<string, string>>;
  /** What it reported with `log`. */
  readonly logs: readonly string[];
  /** What it reported with `warn`. */
  readonly warnings: readonly string[];
  /** The points of all curves. */
  readonly metrics: readonly {
    readonly name: string;
    readonly value: number;
    readonly at: number;
  }[];
  /** Reads a text file of an output. */
  text(output: string, file: string): Promise<string>;
}

/** What is wrong with a plugin, in words, with a hint. */
export class PluginTestError extends Error {
  /** Tells it from other errors. */
  override readonly name = "PluginTestError";
}

/** A plugin that reports nothing for so long is told to stop nevertheless. */
const LONGEST_SILENCE_MS = 2000;

/**
 * Runs the plugin that a module exports, in the sandbox and with all checks of a real run, and checks that it
 * makes its outputs and reads only what it declares, that a second run makes the same bytes, that a third
 * reuses them, and that it ends soon when it is told to stop. Throws PluginTestError where it does not.
 */
export async function testPlugin(
  module: string | URL,
  test: PluginTest = {},
): Promise<TestedPlugin> {
  try {
    return await checked(module, test);
  } catch (error) {
    // What is shown with the message is the author's test, not this file.
    if (error instanceof PluginTestError) Error.captureStackTrace(error, testPlugin);
    throw error;
  }
}

async function checked(module: string | URL, test: PluginTest): Promise<TestedPlugin> {
  const plugin = isRemote(String(module)) ? String(module) : pathOf(module);
  const project = await TestProject.make(plugin, test).catch(inWords);
  try {
    const events = await project.run({ isForced: true }).catch(inWords);
    const first = finished(project, events);
    await checkSameBytes(project, first);
    await checkReuse(project, first);
    await checkCancellation(project);
    return await handOver(project, first, events);
  } catch (error) {
    await project[Symbol.asyncDispose]();
    throw error;
  }
}

/** Turns mistakes in options and inputs into the words that a run shows. */
function inWords(error: unknown): never {
  if (!(error instanceof DiagnosticsError)) throw error;
  throw new PluginTestError(renderDiagnostics(error.diagnostics, { color: false }).trimEnd());
}

/** How the plugin's step ended well; throws where it did not. */
function finished({ pluginName }: TestProject, events: readonly Event[]): StepFinished {
  const end = events.find((event) => event.type === "step-finished");
  if (end !== undefined) return end;
  const failure = events.find((event) => event.type === "step-failed");
  if (failure !== undefined) {
    throw contractError(pluginName, `fails: ${failure.message}`, detailsOf(failure));
  }
  throw contractError(pluginName, "did not start, because an input is empty", {});
}

interface Details {
  readonly lines?: readonly string[];
  readonly hint?: string | undefined;
}

function contractError(plugin: string, message: string, details: Details): PluginTestError {
  const { lines = [], hint } = details;
  const text = [
    `Plugin "${plugin}" ${message}`,
    ...lines.map((line) => `  ${line}`),
    ...(hint === undefined ? [] : [`  hint: ${hint.replaceAll("\n", "\n    ")}`]),
  ].join("\n");
  return new PluginTestError(text);
}

function detailsOf({ reachedAt, stack, lastLines, hint }: StepFailed): Details {
  const place = reachedAt && `at ${reachedAt.path}:${reachedAt.line}:${reachedAt.column}`;
  const lines = stack === undefined ? lastLines : stack.split("\n").slice(1);
  return { lines: [...(place === undefined ? [] : [place]), ...lines], hint };
}

async function checkSameBytes(project: TestProject, first: StepFinished): Promise<void> {
  const second = finished(project, await project.run({ isForced: true }));
  const lines: string[] = [];
  for (const [output, digest] of Object.entries(first.outputs)) {
    const other = second.outputs[output];
    if (other === digest) continue;
    const files = await differing(project, parseDigest(digest), parseDigest(other ?? ""));
    lines.push(...files.map((file) => `${output}: ${file}`));
  }
  if (lines.length === 0) return;
  throw contractError(
    project.pluginName,
    "makes other bytes when it runs again on the same inputs",
    {
      lines,
      hint: "Use seed for randomness, sort names that come from a folder, write no times",
    },
  );
}

/** Paths of the files that are not the same in two artifacts. */
async function differing(
  { state: { store } }: TestProject,
  one: Digest | undefined,
  other: Digest | undefined,
): Promise<readonly string[]> {
  const read = async (digest: Digest | undefined): Promise<ReadonlyMap<string, string>> => {
    const entries: readonly TreeEntry[] = digest === undefined
      ? []
      : (await store.readTree(digest)).entries;
    return new Map(entries.map((entry) => [entry.path, JSON.stringify(entry)]));
  };
  const [before, after] = await Promise.all([read(one), read(other)]);
  const paths = new Set([...before.keys(), ...after.keys()]);
  return [...paths].filter((path) => before.get(path) !== after.get(path)).sort();
}

async function checkReuse(project: TestProject, first: StepFinished): Promise<void> {
  if (Object.keys(first.outputs).length === 0) return; // what makes nothing always runs
  const events = await project.run({ isForced: false });
  if (events.some(({ type }) => type === "step-reused")) return;
  const started = events.find((event) => event.type === "step-started");
  throw contractError(project.pluginName, "runs again although nothing has changed", {
    lines: [first.unreusable ?? started?.reason ?? ""].filter((line) => line !== ""),
    hint: "A plugin must not change its inputs, its files or its own code",
  });
}

async function checkCancellation(project: TestProject): Promise<void> {
  const stop = new AbortController();
  let toldAtMs: number | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tell = (): void => {
    toldAtMs ??= performance.now();
    stop.abort(new Error("the test stops the plugin"));
  };
  const onEvent = ({ type }: Event): void => {
    if (type === "step-started") timer = setTimeout(tell, LONGEST_SILENCE_MS);
    if (type === "step-log" || type === "step-progress" || type === "step-metric") tell();
  };
  await project.run({ isForced: true, signal: stop.signal, onEvent });
  clearTimeout(timer);
  if (toldAtMs === undefined || performance.now() - toldAtMs < GRACE_MS) return;
  const seconds = GRACE_MS / 1000;
  throw contractError(
    project.pluginName,
    `goes on for more than ${seconds} s after it is told to stop`,
    { hint: "Look at signal.aborted in its loops, and let them await something" },
  );
}

async function handOver(
  project: TestProject,
  { outputs }: StepFinished,
  events: readonly Event[],
): Promise<TestedPlugin> {
  const folders: Record<string, string> = {};
  for (const [output, text] of Object.entries(outputs)) {
    const digest = parseDigest(text);
    folders[output] = `${project.folder}/outputs/${output}`;
    if (digest !== undefined) await project.state.store.copyOut(digest, folders[output]);
  }
  const said = (level: string): readonly string[] =>
    events.flatMap((event) =>
      event.type === "step-log" && event.level === level ? [event.text] : []
    );
  return {
    outputs: folders,
    logs: said("log"),
    warnings: said("warn"),
    metrics: events.flatMap((event) =>
      event.type === "step-metric" ? [{ name: event.name, value: event.value, at: event.at }] : []
    ),
    text: (output, file) => Deno.readTextFile(`${folders[output]}/${file}`),
    [Symbol.asyncDispose]: () => project[Symbol.asyncDispose](),
  };
}
