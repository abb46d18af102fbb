// What the registry remembers of a version: `version.json` beside the model's files.
import { StepError, z } from "../../engine/plugin.ts";
import type { ModelCard } from "../nn/model_artifact.ts";
import type { Scores } from "../scores/scores.ts";

const versionRecord = z.strictObject({
  format: z.literal("cairn-version/1"),
  name: z.string(),
  version: z.int().min(1),
  /** When the version was first registered, ISO 8601. */
  created: z.string(),
  /** Digest of the model's files; equal models have equal digests. */
  digest: z.string(),
  /** Seed of the workflow that registered it. */
  seed: z.int(),
  model: z.strictObject({
    architecture: z.string(),
    parameters: z.int(),
    bands: z.int(),
    classes: z.array(z.string()),
    epochs: z.int(),
    /** Of the best epoch, on the validation split. */
    validationMeanIou: z.number(),
  }),
  /** As registered first; null where no scores were connected. */
  scores: z.strictObject({
    split: z.string(),
    tiles: z.int(),
    accuracy: z.number(),
    meanIou: z.number(),
    macroF1: z.number(),
  }).nullable(),
});

/** What `version.json` in the registry holds. */
export type VersionRecord = z.output<typeof versionRecord>;

/** Everything of a record that does not depend on when it is registered. */
export type VersionFacts = Omit<VersionRecord, "version" | "created">;

/** Gathers what a record says of a model. */
export function versionFacts(
  identity: { readonly name: string; readonly digest: string; readonly seed: number },
  card: ModelCard,
  scores: Scores | undefined,
): VersionFacts {
  const { architecture, training } = card;
  return {
    format: "cairn-version/1",
    ...identity,
    model: {
      architecture: `${architecture.name} base ${architecture.base} depth ${architecture.depth}`,
      parameters: training.parameters,
      bands: architecture.bands,
      classes: card.classes.map(({ name }) => name),
      epochs: training.epochs,
      validationMeanIou: training.meanIou,
    },
    scores: recordedScores(scores),
  };
}

/** Picks the scores that a record keeps. */
export function recordedScores(scores: Scores | undefined): VersionRecord["scores"] {
  return scores === undefined ? null : {
    split: scores.split,
    tiles: scores.tiles.length,
    accuracy: scores.accuracy,
    meanIou: scores.macro.iou,
    macroF1: scores.macro.f1,
  };
}

/** Reads a version's record; throws StepError where the file is damaged. */
export async function readVersionRecord(path: string): Promise<VersionRecord> {
  const parsed = versionRecord.safeParse(parseJson(await Deno.readTextFile(path)));
  if (parsed.success) return parsed.data;
  throw new StepError(`Cannot read "${path}": ${z.prettifyError(parsed.error)}`, {
    hint: "Repair the file, or move its version folder out of the registry",
  });
}

/** Writes a version's record, or the part of it that an output holds; equal ones as equal bytes. */
export async function writeVersionRecord(
  path: string,
  record: VersionRecord | Omit<VersionRecord, "created">,
): Promise<void> {
  // Parsing puts the keys in the schema's order.
  const ordered = versionRecord.partial({ created: true }).parse(record);
  await Deno.writeTextFile(path, `${JSON.stringify(ordered, null, 2)}\n`);
}

/** Damaged text becomes undefined, which no schema takes. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
