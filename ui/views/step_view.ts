// Everything that the page shows of one step: options, lineage, curves and what it made.
import { type Digest, findAction, parseDigest, type Recipe, type Store } from "../../engine/mod.ts";
import type { MetricView, StepView } from "../runs/run_fold.ts";
import { changesOf, type ChangesView } from "./step_changes.ts";
import type { RunLibrary, RunOutcomeView, RunReader } from "../runs/runs.ts";

/** An option of a step. */
export interface OptionView {
  readonly name: string;
  readonly value: unknown;
  /** Whether the workflow gives it; else it is a default. */
  readonly isGiven: boolean;
}

/** An input with the step that made it. */
export interface InputView {
  readonly port: string;
  readonly step: string;
  readonly output: string;
  /** Absent where it was not made. */
  readonly tree?: string;
}

/** An output with the steps that read it. */
export interface OutputView {
  readonly port: string;
  readonly type?: string;
  /** Absent where it was not made. */
  readonly tree?: string;
  readonly readBy: readonly string[];
}

/** A step with its surroundings. */
export interface StepPage {
  readonly run: string;
  readonly workflow: string;
  readonly file: string;
  readonly outcome: RunOutcomeView;
  readonly events: number;
  readonly step: StepView;
  /** Absent unless it ran, and had a result before that is still known. */
  readonly changes?: ChangesView;
  /** Absent for runs that were recorded without. */
  readonly options?: readonly OptionView[];
  readonly inputs: readonly InputView[];
  readonly outputs: readonly OutputView[];
  readonly metrics: readonly MetricView[];
  /** Where the work was done, and its log lies; absent where that run is gone. */
  readonly origin?: { readonly run: string; readonly step: string };
}

/** Shows a step; undefined where the run has none of that name. */
export async function viewStep(
  library: RunLibrary,
  store: Store,
  place: { readonly reader: RunReader; readonly name: string },
): Promise<StepPage | undefined> {
  const { reader, name } = place;
  const step = reader.fold.steps.get(name);
  if (step === undefined) return undefined;
  const recipe = await reader.recipe();
  const origin = await library.origin(reader, step);
  const options = optionsOf(recipe, name);
  const changes = await changesOf(library, store, { reader, step });
  const { head } = reader.fold;
  return {
    run: head.run,
    workflow: head.workflow,
    file: head.file,
    outcome: reader.outcome,
    events: reader.events.length,
    step,
    ...(changes === undefined ? {} : { changes }),
    ...(options === undefined ? {} : { options }),
    inputs: await inputsOf(recipe, store, place),
    outputs: outputsOf(recipe, name, await treesOf(store, step)),
    metrics: origin?.reader.fold.metrics(origin.step) ?? [],
    ...(origin === undefined
      ? {}
      : { origin: { run: origin.reader.folder.id, step: origin.step } }),
  };
}

type Trees = Readonly<Record<string, string>>;

/** Finds the digest of what a step made, by port; nothing where it made nothing or its result is gone. */
export async function treesOf(store: Store, step: StepView): Promise<Trees> {
  if (step.outputs !== undefined) return step.outputs;
  if (step.status !== "reused") return {};
  const fingerprint: Digest | undefined = parseDigest(step.fingerprint ?? "");
  const record = fingerprint === undefined ? undefined : await findAction(store, fingerprint);
  return record?.outputs ?? {};
}

function optionsOf(recipe: Recipe | undefined, name: string): readonly OptionView[] | undefined {
  const step = recipe?.steps[name];
  if (step === undefined) return undefined;
  return Object.entries(step.config).map(([option, value]) => ({
    name: option,
    value,
    isGiven: step.given.includes(option),
  }));
}

async function inputsOf(
  recipe: Recipe | undefined,
  store: Store,
  { reader, name }: { readonly reader: RunReader; readonly name: string },
): Promise<readonly InputView[]> {
  const inputs: InputView[] = [];
  for (const { port, from, output } of recipe?.steps[name]?.inputs ?? []) {
    const maker = reader.fold.steps.get(from);
    const tree = maker === undefined ? undefined : (await treesOf(store, maker))[output];
    inputs.push({ port, step: from, output, ...(tree === undefined ? {} : { tree }) });
  }
  return inputs;
}

function outputsOf(
  recipe: Recipe | undefined,
  name: string,
  trees: Trees,
): readonly OutputView[] {
  const types = recipe?.steps[name]?.outputs ?? {};
  const ports = [...new Set([...Object.keys(types), ...Object.keys(trees)])];
  return ports.map((port) => {
    const tree = trees[port];
    const type = types[port];
    const readBy = Object.entries(recipe?.steps ?? {}).filter(([, { inputs }]) =>
      inputs.some(({ from, output }) => from === name && output === port)
    ).map(([reader]) => reader);
    return {
      port,
      readBy,
      ...(tree === undefined ? {} : { tree }),
      ...(type === undefined ? {} : { type }),
    };
  });
}
