// What the page can do, each in the words of the command line: forecast a run, start it, cancel it.
import { requestCancel, type StepForecast } from "../../engine/mod.ts";
import type { CommandEnd, CommandLine } from "./cairn_process.ts";
import type { RunReader } from "../runs/runs.ts";

/** A run that somebody wants. */
export interface RunWish {
  /** Path of the workflow file, relative to the project folder. */
  readonly file: string;
  /** Parameters with other values than the file gives them. */
  readonly set: Readonly<Record<string, string>>;
  /** Step to run anew with all that depends on it. */
  readonly from?: string;
}

/** Why something that was asked for cannot be done; the message is for people, in several lines. */
export class ActionProblem extends Error {
  override readonly name = "ActionProblem";
}

/** Reads a wish that came as JSON; throws ActionProblem for anything else. */
export function parseWish(value: unknown): RunWish {
  const { file, set = {}, from } = isRecord(value) ? value : {};
  const isSound = typeof file === "string" && isRecord(set) &&
    Object.values(set).every((text) => typeof text === "string") &&
    (from === undefined || typeof from === "string");
  if (!isSound) throw new ActionProblem("This is not the description of a run");
  const settings = set as Record<string, string>; // checked above
  return from === undefined ? { file, set: settings } : { file, set: settings, from };
}

/** What it takes to act. */
export interface Acting {
  readonly cairn: CommandLine;
  /** Folder of the state that runs belong to. */
  readonly store: string;
}

/** Says what a run would do with each step. */
export async function forecastRun(
  { cairn, store }: Acting,
  wish: RunWish,
): Promise<readonly StepForecast[]> {
  const end = await cairn.perform(["run", "--dry-run", ...flagsOf(wish, store)]);
  if (end.code !== 0) throw problemOf(end);
  const lines = end.out.trim().split("\n").map((line) => JSON.parse(line)); // its own JSON
  return lines.filter((line) => "step" in line) as StepForecast[]; // the total comes last
}

/** Starts a run and gives its id. */
export async function startRun({ cairn, store }: Acting, wish: RunWish): Promise<string> {
  const begun = await cairn.start(["run", ...flagsOf(wish, store)]);
  if (typeof begun !== "string") throw problemOf(begun);
  return (JSON.parse(begun) as { readonly run: string }).run; // the first event of every run
}

/** Asks a run to end; throws ActionProblem where it is over. */
export async function cancelRun(reader: RunReader): Promise<void> {
  if (reader.outcome !== "running") throw new ActionProblem("This run is over");
  await requestCancel(reader.folder.cancelPath);
}

/** Deletes what is recorded of a run; throws ActionProblem where it goes on. */
export async function deleteRun({ cairn, store }: Acting, run: string): Promise<void> {
  const end = await cairn.perform(["runs", `--store=${store}`, "--delete", "--", run]);
  if (end.code !== 0) throw problemOf(end);
}

/** A wish that an alias of a model be another version. */
export interface AliasWish {
  readonly model: string;
  readonly alias: string;
  /** As it was asked for; the command checks it. */
  readonly version: string;
}

/** Points an alias at another version. */
export async function moveAlias({ cairn, store }: Acting, wish: AliasWish): Promise<void> {
  const { model, alias, version } = wish;
  const end = await cairn.perform(["alias", `--store=${store}`, "--", model, alias, version]);
  if (end.code !== 0) throw problemOf(end);
}

function flagsOf({ file, set, from }: RunWish, store: string): readonly string[] {
  const settings = Object.entries(set).map(([name, value]) => `--set=${name}=${value}`);
  const anew = from === undefined ? [] : [`--from=${from}`];
  return ["--json", `--store=${store}`, ...settings, ...anew, "--", file];
}

function problemOf({ error, code }: CommandEnd): ActionProblem {
  return new ActionProblem(error.trim() || `The command ended with exit code ${code}`);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
