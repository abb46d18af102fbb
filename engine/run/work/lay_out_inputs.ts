// Puts a step's inputs where its process finds them: as the store's own folders for sandboxed plugins, as
// copies for programs.
import { dirname } from "node:path";
import type { Digest } from "../../cache/content/digest.ts";
import type { ListedInput } from "../../cache/recipe/fingerprint.ts";
import { copyFile } from "../../cache/disk/files.ts";
import { firstChanged, type StatStamp } from "../../cache/content/stat_stamp.ts";
import type { Store } from "../../cache/store.ts";
import type { GraphStep } from "../../graph/graph.ts";
import { laidOutName } from "../../graph/options/paths.ts";
import { labelsIn } from "../../workflow/sections/matrix/labels.ts";
import { inputDigests } from "../reuse/material.ts";
import type { RunContext } from "../run_context.ts";
import type { StepInputs } from "../process/step_protocol.ts";

export interface LaidOut {
  readonly inputs: StepInputs;
  /** Stamps of the files of each input that is the store's own, by tree. */
  readonly views: ReadonlyMap<Digest, ReadonlyMap<string, StatStamp>>;
}

/** Inputs as the store's own folders: a sandboxed plugin cannot write to them. */
export async function viewInputs(context: RunContext, step: GraphStep): Promise<LaidOut> {
  const views = new Map<Digest, ReadonlyMap<string, StatStamp>>();
  const inputs = await place(context, step, async (tree) => {
    const view = await context.store.view(tree);
    views.set(tree, view.stamps);
    return view.path;
  });
  return { inputs: { ...emptyLists(step), ...inputs }, views };
}

/** Lists that are not connected: a plugin need not look whether there is one. */
function emptyLists({ plugin: { inputs } }: GraphStep): StepInputs {
  if (inputs === "any") return {};
  const lists = Object.entries(inputs).filter(([, { many }]) => many === true);
  return Object.fromEntries(lists.map(([port]) => [port, []]));
}

/** Puts every input somewhere, which `put` decides; `name` is a path of its own for each. */
async function place(
  context: RunContext,
  step: GraphStep,
  put: (tree: Digest, name: string) => Promise<string>,
): Promise<StepInputs> {
  const inputs: Record<string, StepInputs[string]> = {};
  for (const [port, content] of Object.entries(inputDigests(context, step))) {
    const type = typeOfInput(step, port);
    if (typeof content === "string") {
      inputs[port] = { path: await put(content, port), type };
      continue;
    }
    const folders = itemFolders(content);
    const items = [];
    for (const [at, { tree, name, matrix }] of content.entries()) {
      items.push({ path: await put(tree, `${port}/${folders[at]}`), type, name, matrix });
    }
    inputs[port] = items;
  }
  return inputs;
}

/** Folder of each item of a list: what stands in its brackets, or all of its name where two would be equal. */
function itemFolders(items: readonly ListedInput[]): readonly string[] {
  const short = items.map(({ name }) => labelsIn(name) || name);
  return new Set(short).size === items.length
    ? short
    : items.map(({ name }) => name.replaceAll("/", "."));
}

/** Gives a file of an input that was written to since it was laid out; undefined where none was. */
export async function alteredInput(
  store: Store,
  { views }: LaidOut,
): Promise<string | undefined> {
  for (const [digest, stamps] of views) {
    // A stamp changes also when another view begins to share the file: then the content decides.
    const changed = firstChanged(stamps);
    if (changed !== undefined && !await store.isViewIntact(digest)) return changed;
  }
  return undefined;
}

/** Inputs and declared files as copies in a program's own folder: it may do with them as it likes. */
export async function copyInputs(
  context: RunContext,
  step: GraphStep,
  folder: string,
): Promise<LaidOut> {
  for (const { absolute } of step.paths) {
    const name = laidOutName(context.graph.workflow.projectFolder, absolute);
    await copyPath(absolute, `${folder}/${name}`);
  }
  const inputs = await place(context, step, async (tree, name) => {
    const path = `${folder}/inputs/${name}`;
    await context.store.copyOut(tree, path);
    return path;
  });
  return { inputs, views: new Map() };
}

async function copyPath(from: string, to: string): Promise<void> {
  const info = Deno.statSync(from);
  Deno.mkdirSync(info.isDirectory ? to : dirname(to), { recursive: true });
  if (!info.isDirectory) return await copyFile(from, to, info.size);
  for (const entry of Deno.readDirSync(from)) {
    await copyPath(`${from}/${entry.name}`, `${to}/${entry.name}`);
  }
}

function typeOfInput(step: GraphStep, port: string): string {
  return step.plugin.inputs === "any" ? "any" : step.plugin.inputs[port]?.type ?? "any";
}
