// Holds the weights while they are trained: takes batches through the step and the validation graph.
import {
  createSession,
  type Device,
  type MakeTensor,
  type Session,
  type Tensor,
  tensorMaker,
} from "../runtime.ts";
import { halfOptionsFor, type Precision } from "../precision.ts";
import type { Weights } from "../weights.ts";
import { FIRST_SCALE, isSkipped, type LossScale, nextScale } from "./loss_scale.ts";
import { createOptimiser, type Optimiser } from "./optimisers.ts";
import {
  PLAIN_ADAM,
  trainingGraph,
  type TrainingGraphOptions,
  validationGraph,
} from "./step_graphs.ts";

/** Images with their labels. */
export interface Batch {
  readonly count: number;
  /** [count, bands, size, size], 0-255. */
  readonly image: Uint8Array;
  /** [count, size, size]; any value that is no class is left out of the loss. */
  readonly label: Uint8Array;
}

/** What a network says of a batch. */
export interface Validation {
  /** Sum of the loss over the labelled pixels; for losses of whole batches, the loss times their weight. */
  readonly lossTotal: number;
  /** What the sum is to be divided by. */
  readonly lossWeight: number;
  /** Classes [count, size, size]. */
  readonly predicted: Uint8Array;
}

/** A network in training; dispose it to free its memory. */
export interface Trainer extends AsyncDisposable {
  /**
   * Learns from one batch of the size that the trainer was made for; gives its loss before the step. In mixed
   * precision a step whose gradients overflow changes nothing but the loss scale.
   */
  step(batch: Batch, learningRate: number): Promise<number>;
  /** Predicts a batch of any count with the running statistics; changes nothing. */
  validate(batch: Batch): Promise<Validation>;
  /** Copies the weights as they are now. */
  weights(): Promise<Weights>;
  /** What the next step goes by; its vectors change with that step. */
  state(): Promise<TrainerState>;
  /** Goes on from the state of a trainer that was made in the same way, whose vectors become its own. */
  restore(state: TrainerState): void;
}

/** The vectors that a step turns into those of the next one: weights and the optimiser's memory. */
export type StepVectors = Weights & Readonly<Record<string, Float32Array>>;

/** All that decides how training goes on, besides the batches. */
export interface TrainerState {
  readonly steps: number;
  /** Of mixed precision. */
  readonly lossScale?: LossScale | undefined;
  readonly vectors: StepVectors;
}

/** What a trainer is made of. */
export interface TrainerOptions extends Omit<TrainingGraphOptions, "pixels" | "half"> {
  readonly start: Weights;
  /** Processor threads; matter where the device is the processors. */
  readonly threads: number;
  /** The processors unless said. */
  readonly device?: Device;
  /** All in float32 unless said; the device must have it. */
  readonly precision?: Precision;
}

/** Compiles the graphs for the device and starts from given weights. */
export async function createTrainer(options: TrainerOptions): Promise<Trainer> {
  const { start, threads, device = "cpu", precision = "float32" } = options;
  const isMixed = precision === "mixed";
  const graph = { ...options, half: isMixed ? halfOptionsFor(device) : undefined };
  const run = { threads, weights: "fed", device } as const;
  await using cleanup = new AsyncDisposableStack();
  const step = cleanup.use(await createSession(trainingGraph(graph), run));
  const model = validationGraph({ ...graph, batch: "n" });
  const validation = cleanup.use(await createSession(model, run));
  const makeTensor = await tensorMaker();
  const bands = options.architecture.bands;
  const shape = { bands, size: options.size };
  const optimiser = createOptimiser(options.optimiser ?? PLAIN_ADAM);
  const sessions = cleanup.move();
  return new SessionTrainer({
    ...{ step, validation, makeTensor, shape, start, optimiser, sessions },
    lossScale: isMixed ? FIRST_SCALE : undefined,
  });
}

class SessionTrainer implements Trainer {
  private steps = 0;
  private current: StepVectors;
  /** A step reads the current vectors and writes these; then the two change places. */
  private spare: StepVectors;
  /** Of mixed precision. */
  private lossScale: LossScale | undefined;

  constructor(
    private readonly parts: {
      readonly step: Session;
      readonly validation: Session;
      readonly makeTensor: MakeTensor;
      readonly shape: { readonly bands: number; readonly size: number };
      readonly start: Weights;
      readonly optimiser: Optimiser;
      readonly sessions: AsyncDisposable;
      readonly lossScale: LossScale | undefined;
    },
  ) {
    this.current = firstState(parts.start, parts.optimiser);
    this.spare = firstState(parts.start, parts.optimiser);
    this.lossScale = parts.lossScale;
  }

  async step(batch: Batch, learningRate: number): Promise<number> {
    const { lossScale, parts: { makeTensor, optimiser } } = this;
    const feeds = {
      ...this.vectors("", this.current),
      ...this.batchTensors(batch),
      ...this.scalars(optimiser.scalars(learningRate, this.steps + 1)),
      ...lossScale && this.scalars({ lossScale: lossScale.scale }),
    };
    const [loss, gradientSquares] = [new Float32Array(1), new Float32Array(1)];
    await this.parts.step.run(feeds, {
      ...this.vectors("next.", this.spare),
      loss: makeTensor(loss, []),
      ...lossScale && { gradientSquares: makeTensor(gradientSquares, []) },
    });
    const overflowed = !Number.isFinite(gradientSquares[0]);
    this.lossScale = lossScale && nextScale(lossScale, overflowed);
    if (lossScale === undefined || !isSkipped(lossScale, overflowed)) {
      [this.current, this.spare] = [this.spare, this.current];
      this.steps++;
    }
    return loss[0]!;
  }

  async validate(batch: Batch): Promise<Validation> {
    const predicted = new Uint8Array(batch.label.length);
    const [lossTotal, lossWeight] = [new Float32Array(1), new Float32Array(1)];
    const { makeTensor, shape: { size } } = this.parts;
    const { parameters, statistics } = this.current;
    await this.parts.validation.run({
      ...this.vectors("", { parameters, statistics }),
      ...this.batchTensors(batch),
    }, {
      predicted: makeTensor(predicted, [batch.count, size, size]),
      lossTotal: makeTensor(lossTotal, []),
      lossWeight: makeTensor(lossWeight, []),
    });
    return { predicted, lossTotal: lossTotal[0]!, lossWeight: lossWeight[0]! };
  }

  weights(): Promise<Weights> {
    const { parameters, statistics } = this.current;
    return Promise.resolve({ parameters: parameters.slice(), statistics: statistics.slice() });
  }

  state(): Promise<TrainerState> {
    return Promise.resolve({ steps: this.steps, lossScale: this.lossScale, vectors: this.current });
  }

  restore({ steps, lossScale, vectors }: TrainerState): void {
    this.steps = steps;
    // Where "auto" meant another precision before, there is none, or none is wanted.
    this.lossScale &&= lossScale ?? this.lossScale;
    this.current = vectors;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve(this.parts.sessions[Symbol.asyncDispose]());
  }

  private vectors(
    prefix: string,
    state: Readonly<Record<string, Float32Array>>,
  ): Record<string, Tensor> {
    const { makeTensor } = this.parts;
    return Object.fromEntries(
      Object.entries(state).map(([name, data]) => [prefix + name, makeTensor(data, [data.length])]),
    );
  }

  private batchTensors({ count, image, label }: Batch): Record<string, Tensor> {
    const { makeTensor, shape: { bands, size } } = this.parts;
    return {
      image: makeTensor(image, [count, bands, size, size]),
      label: makeTensor(label, [count, size, size]),
    };
  }

  private scalars(values: Readonly<Record<string, number>>): Record<string, Tensor> {
    const { makeTensor } = this.parts;
    return Object.fromEntries(
      Object.entries(values).map(([name, value]) => [name, makeTensor(Float32Array.of(value), [])]),
    );
  }
}

function firstState({ parameters, statistics }: Weights, { memory }: Optimiser): StepVectors {
  const empty = memory.map((name) => [name, new Float32Array(parameters.length)] as const);
  return {
    parameters: parameters.slice(),
    statistics: statistics.slice(),
    ...Object.fromEntries(empty),
  };
}
