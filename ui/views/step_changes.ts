// Why a step ran, field by field: its own material beside that of the result before it.
import {
  type Difference,
  differences,
  findMaterial,
  parseDigest,
  sameFields,
  type Store,
} from "../../engine/mod.ts";
import type { StepView } from "../runs/run_fold.ts";
import type { RunLibrary, RunReader } from "../runs/runs.ts";

/** A field that is not what it was. */
export interface FieldChange {
  /** Such as "option lr", "input tiles" or "code train.ts". */
  readonly field: string;
  /** As one reads it in a workflow; absent where the field was not there. */
  readonly before?: string;
  readonly after?: string;
}

/** What changed since the step's last result. */
export interface ChangesView {
  /** The run that made or reused that result. */
  readonly since: string;
  readonly changes: readonly FieldChange[];
  /** How many fields are the same. */
  readonly same: number;
}

/** How many runs are looked through for the result before. */
const MOST_RUNS = 200;

/** Compares a step that ran with its last result; undefined where it had none that is still known. */
export async function changesOf(
  library: RunLibrary,
  store: Store,
  { reader, step }: { readonly reader: RunReader; readonly step: StepView },
): Promise<ChangesView | undefined> {
  const after = await materialOf(store, step);
  if (after === undefined || step.status !== "ran") return undefined;
  const last = await lastBefore(library, reader, step.name);
  const before = last && await materialOf(store, last.step);
  if (last === undefined || before === undefined) return undefined;
  const changes = differences(before.material, after.material).map(changeOf);
  const same = sameFields(before.material, after.material).length;
  return { since: last.run, changes, same };
}

async function materialOf(
  store: Store,
  step: StepView,
): Promise<Awaited<ReturnType<typeof findMaterial>>> {
  const fingerprint = parseDigest(step.fingerprint ?? "");
  return fingerprint && await findMaterial(store, fingerprint);
}

/** The newest run of the same file before this one in which the step had a result. */
async function lastBefore(
  library: RunLibrary,
  reader: RunReader,
  name: string,
): Promise<{ readonly run: string; readonly step: StepView } | undefined> {
  const { run, file } = reader.fold.head;
  for (const id of library.ids.filter((id) => id < run).slice(0, MOST_RUNS)) {
    const earlier = await library.find(id);
    const step = earlier?.fold.steps.get(name);
    if (earlier?.fold.head.file !== file || step === undefined) continue;
    if (step.status === "ran" || step.status === "reused") return { run: id, step };
  }
  return undefined;
}

const PARTS: Readonly<Record<string, string>> = {
  config: "option",
  paths: "content of option",
  inputs: "input",
  outputs: "output",
  env: "environment variable",
  platform: "platform",
  seed: "seed",
};

function changeOf({ field: [part = "", ...rest], before, after }: Difference): FieldChange {
  const isCode = part === "plugin" && rest[0] === "code";
  const name = isCode ? rest.slice(1).join(".") : rest.join(".");
  const field = `${isCode ? "code" : PARTS[part] ?? part} ${name}`.trim();
  const spell = part === "env" ? () => "not shown" : spelled; // it may be meant for the step alone
  return {
    field,
    ...(before === undefined ? {} : { before: spell(before) }),
    ...(after === undefined ? {} : { after: spell(after) }),
  };
}

function spelled(value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.replaceAll(/sha256:([0-9a-f]{12})[0-9a-f]{52}/g, "$1…");
}
