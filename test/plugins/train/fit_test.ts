// The epochs, with a trainer that computes nothing.
import assert from "node:assert/strict";
import { type Checkpoint, type Checkpoints, StepError } from "../../../engine/plugin.ts";
import type {
  Batch,
  Trainer,
  TrainerState,
  Validation,
} from "../../../plugins/nn/training/trainer.ts";
import { readManifest } from "../../../plugins/tiles/manifest.ts";
import { fit, type Job } from "../../../plugins/train/fit.ts";
import { trainPlugin } from "../../../plugins/train/plugin.ts";
import { chooseTiles } from "../../../plugins/train/data/tile_sets.ts";
import { TileSource } from "../../../plugins/train/data/tile_source.ts";
import { NOBODY_LISTENS } from "../../support/run_plugin.ts";
import { makeTiles } from "./made_up_tiles.ts";

const MEMORY = 2 ** 20;

/** A trainer whose loss is given and whose n-th validation is right on a given share of the pixels. */
class FakeTrainer implements Trainer {
  steps = 0;
  lossScale: TrainerState["lossScale"];
  validations = 0;

  constructor(
    private readonly loss: number,
    private readonly accuracy: readonly number[],
    private readonly validationLoss = 1,
  ) {}

  step(): Promise<number> {
    this.steps++;
    return Promise.resolve(this.loss);
  }

  validate({ label }: Batch): Promise<Validation> {
    const share = this.accuracy[this.validations++]!;
    const predicted = label.map((land, at) => at < share * label.length ? land : (land + 1) % 3);
    return Promise.resolve({ lossTotal: this.validationLoss, lossWeight: 1, predicted });
  }

  /** Says after how many validations they were asked for. */
  weights(): ReturnType<Trainer["weights"]> {
    const parameters = Float32Array.of(this.validations);
    return Promise.resolve({ parameters, statistics: new Float32Array(0) });
  }

  async state(): Promise<TrainerState> {
    const { steps, lossScale } = this;
    return { steps, lossScale, vectors: { ...await this.weights() } };
  }

  restore({ steps, lossScale }: TrainerState): void {
    this.steps = steps;
    this.lossScale = lossScale;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}

async function fitWith(
  trainer: Trainer,
  options: { readonly epochs: number; readonly patience?: number },
  told: Partial<Job["context"]> = {},
): Promise<Awaited<ReturnType<typeof fit>>> {
  await using tiles = await makeTiles({ splits: ["train", "train", "train", "val"] });
  const manifest = await readManifest(tiles.folder);
  const context: Job["context"] = {
    config: trainPlugin.config.parse(options),
    inputs: { tiles: { path: tiles.folder, type: "tiles" }, start: undefined },
    outputs: { model: "", history: "" },
    lease: { cpus: 1, memoryBytes: MEMORY, gpus: [], gpuMemoryBytes: 0 },
    ...NOBODY_LISTENS,
    ...told,
  };
  const source = new TileSource(tiles.folder, manifest, MEMORY);
  const sets = chooseTiles(manifest, { depth: 1, warn: context.warn });
  return await fit({ context, trainer, source, sets, batch: 2 });
}

Deno.test("the weights of the epoch with the best mean IoU are kept, the first of equals", async () => {
  const trainer = new FakeTrainer(1, [0.5, 0.9, 0.9, 0.7]);
  const result = await fitWith(trainer, { epochs: 4 });
  assert.equal(result.best.epoch, 2);
  assert.deepEqual(result.weights.parameters, Float32Array.of(2));
  assert.equal(result.epochs.length, 4);
});

Deno.test("every epoch fills its last batch, so that no training tile is left out", async () => {
  const trainer = new FakeTrainer(1, [0.5, 0.5]);
  await fitWith(trainer, { epochs: 2 });
  assert.equal(trainer.steps, 4);
});

Deno.test("training stops when patience epochs brought nothing better", async () => {
  const trainer = new FakeTrainer(1, [0.5, 0.9, 0.7, 0.8]);
  const result = await fitWith(trainer, { epochs: 9, patience: 2 });
  assert.deepEqual(result.epochs.map(({ epoch }) => epoch), [1, 2, 3, 4]);
});

/** Keeps the last checkpoint in a folder. */
class LastCheckpoint implements Checkpoints, AsyncDisposable {
  #last: Checkpoint | undefined;
  readonly #folder = Deno.makeTempDirSync({ prefix: "cairn_checkpoint_" });

  latest(atMost = Infinity): Promise<Checkpoint | undefined> {
    return Promise.resolve(this.#last && this.#last.at <= atMost ? this.#last : undefined);
  }

  async save(at: number, write: (folder: string) => Promise<void>): Promise<void> {
    const path = `${this.#folder}/${at}`;
    await Deno.mkdir(path);
    await write(path);
    this.#last = { at, path };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.#folder, { recursive: true });
  }
}

Deno.test("training goes on with its steps, loss scale, best weights and whole curves", async () => {
  await using checkpoint = new LastCheckpoint();
  const earlier = new FakeTrainer(1, [0.5, 0.9, 0.7]);
  earlier.lossScale = { scale: 2 ** 14, goodSteps: 3 };
  await fitWith(earlier, { epochs: 3 }, { checkpoint });
  const trainer = new FakeTrainer(1, [0.8]);
  const points: string[] = [];
  const result = await fitWith(trainer, { epochs: 4 }, {
    checkpoint,
    metric: (name, _, at) => points.push(`${name} ${at}`),
  });
  assert.equal(trainer.steps, 8, "two steps in each of four epochs");
  assert.deepEqual(trainer.lossScale, earlier.lossScale);
  assert.deepEqual(result.epochs.map(({ epoch }) => epoch), [1, 2, 3, 4]);
  assert.equal(result.best.epoch, 2);
  assert.deepEqual(result.weights.parameters, Float32Array.of(2));
  assert.deepEqual(points.filter((point) => point.startsWith("loss")), [
    "loss 1",
    "loss 2",
    "loss 3",
    "loss 4",
  ]);
});

Deno.test("training that ran out of patience is not taken up again by more epochs", async () => {
  await using checkpoint = new LastCheckpoint();
  const patience = 2;
  const few = await fitWith(new FakeTrainer(1, [0.9, 0.5, 0.5]), { epochs: 5, patience }, {
    checkpoint,
  });
  const idle = new FakeTrainer(1, []);
  assert.deepEqual(await fitWith(idle, { epochs: 50, patience }, { checkpoint }), few);
  assert.equal(idle.validations, 0);
});

for (
  const [where, trainer] of [
    ["training", new FakeTrainer(NaN, [])],
    ["validation", new FakeTrainer(1, [0.5], Infinity)],
  ] as const
) {
  Deno.test(`a ${where} loss that is no number stops training with a hint`, async () => {
    await assert.rejects(fitWith(trainer, { epochs: 1 }), (error) => {
      assert.ok(error instanceof StepError);
      assert.match(error.message, /diverged: the loss is no number any more in epoch 1/);
      assert.match(error.hint!, /Lower "learning-rate", which is 0.001/);
      return true;
    });
  });
}
