// Puts a step's inputs where its process finds them: as the store's own folders for sandboxed plugins, as
// copies for programs.
import { dirname } from "node:path";
import type { Digest } from "../cache/digest.ts";
import { copyFile } from "../cache/files.ts";
import { firstChanged, type StatStamp } from "../cache/stat_stamp.ts";
import type { Store } from "../cache/store.ts";
import type { GraphStep } from "../graph/graph.ts";
import type { InputArtifact } from "../plugin.ts";
import { inputDigests, laidOutName } from "./material.ts";
import type { RunContext } from "./run_context.ts";

export interface LaidOut {
  readonly inputs: Readonly<Record<string, InputArtifact>>;
  /** Stamps of the files of each input that is the store's own, by tree. */
  readonly views: ReadonlyMap<Digest, ReadonlyMap<string, StatStamp>>;
}

/** Inputs as the store's own folders: a sandboxed plugin cannot write to them. */
export async function viewInputs(context: RunContext, step: GraphStep): Promise<LaidOut> {
  const inputs: Record<string, InputArtifact> = {};
  const views = new Map<Digest, ReadonlyMap<string, StatStamp>>();
  for (const [port, digest] of Object.entries(inputDigests(context, step))) {
    const view = await context.store.view(digest);
    inputs[port] = { path: view.path, type: typeOfInput(step, port) };
    views.set(digest, view.stamps);
  }
  return { inputs, views };
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
    await copyPath(absolute, `${folder}/${laidOutName(context, absolute)}`);
  }
  const inputs: Record<string, InputArtifact> = {};
  for (const [port, digest] of Object.entries(inputDigests(context, step))) {
    const path = `${folder}/inputs/${port}`;
    await context.store.copyOut(digest, path);
    inputs[port] = { path, type: typeOfInput(step, port) };
  }
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
