// What training has come to after an epoch, and the checkpoint from which it goes on bit for bit. Vectors are
// files of their own, written as they lie in memory: a copy of all of them might not fit.
import type { Checkpoints } from "../../engine/plugin.ts";
import type { StepVectors, TrainerState } from "../nn/training/trainer.ts";
import type { History } from "../nn/model_artifact.ts";
import type { Weights } from "../nn/weights.ts";

/** One pass over the training tiles and what validation said after it. */
export type Epoch = History["epochs"][number];

/** What training has come to. */
export interface Fit {
  readonly epochs: readonly Epoch[];
  readonly best: Epoch;
  /** Of the best epoch. */
  readonly weights: Weights;
}

/** What is no vector. Random choices are drawn from the seed and the epoch's number, and have no state. */
interface Facts extends Omit<TrainerState, "vectors"> {
  readonly epochs: readonly Epoch[];
  readonly best: Epoch;
}

const FACTS = "training.json";
const CURRENT = "current";
const BEST = "best";

/** Saves a checkpoint after the last epoch. */
export async function saveProgress(
  checkpoint: Checkpoints,
  { epochs, best, weights }: Fit,
  { vectors, ...counted }: TrainerState,
): Promise<void> {
  await checkpoint.save(epochs.length, async (folder) => {
    const facts: Facts = { ...counted, epochs, best };
    await Deno.writeTextFile(`${folder}/${FACTS}`, JSON.stringify(facts));
    await writeVectors(`${folder}/${CURRENT}`, vectors);
    await writeVectors(`${folder}/${BEST}`, weights);
  });
}

/** Loads the last checkpoint that is no further than `epochs`; undefined where there is none. */
export async function loadProgress(
  checkpoint: Checkpoints,
  epochs: number,
): Promise<{ readonly fit: Fit; readonly trainer: TrainerState } | undefined> {
  const found = await checkpoint.latest(epochs);
  if (found === undefined) return undefined;
  // Only the same code ever finds it again, so its files are as they are written above.
  const facts = JSON.parse(await Deno.readTextFile(`${found.path}/${FACTS}`)) as Facts;
  const vectors = await readVectors(`${found.path}/${CURRENT}`) as StepVectors;
  const weights = await readVectors(`${found.path}/${BEST}`) as unknown as Weights;
  const { epochs: known, best, ...counted } = facts;
  return { fit: { epochs: known, best, weights }, trainer: { ...counted, vectors } };
}

async function writeVectors(folder: string, vectors: Weights): Promise<void> {
  await Deno.mkdir(folder);
  for (const [name, { buffer, byteOffset, byteLength }] of Object.entries(vectors)) {
    await Deno.writeFile(`${folder}/${name}`, new Uint8Array(buffer, byteOffset, byteLength));
  }
}

async function readVectors(folder: string): Promise<Record<string, Float32Array>> {
  const vectors: Record<string, Float32Array> = {};
  for (const { name } of Deno.readDirSync(folder)) {
    vectors[name] = new Float32Array((await Deno.readFile(`${folder}/${name}`)).buffer);
  }
  return vectors;
}
