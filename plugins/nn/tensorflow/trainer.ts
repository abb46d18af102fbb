// Holds the weights of a U-Net while TensorFlow.js trains it: the same steps as the ONNX trainer's, computed apart.
import type { Tensor, Tensor3D, Tensor4D } from "@tensorflow/tfjs";
import { type Layout, layoutOf, type WeightSpec } from "../design.ts";
import { createOptimiser } from "../training/optimisers.ts";
import { MOMENTUM, PLAIN_ADAM } from "../training/step_graphs.ts";
import type {
  Batch,
  StepVectors,
  Trainer,
  TrainerOptions,
  TrainerState,
  Validation,
} from "../training/trainer.ts";
import { forEachView, lengthOf, totalLength, type Weights } from "../weights.ts";
import { lossTerms, type Terms } from "./losses.ts";
import { type Remembered, stepOf } from "./optimisers.ts";
import type { TensorFlow } from "./tensorflow.ts";
import { unetLogits } from "./unet.ts";

/** Starts from given weights, on the device of the library; the network is the U-Net, of any size. */
export function createTensorFlowTrainer(
  tf: TensorFlow,
  options: Omit<TrainerOptions, "device">,
): Trainer {
  return new TensorFlowTrainer(tf, options);
}

class TensorFlowTrainer implements Trainer {
  private steps = 0;
  private readonly layout: Layout;
  private readonly settings;
  private readonly optimiser;
  /** In the order of the layout. */
  private learned: readonly Remembered[];
  private statistics: Float32Array;

  constructor(
    private readonly tf: TensorFlow,
    private readonly options: Omit<TrainerOptions, "device">,
  ) {
    this.layout = layoutOf(options.design, options.architecture);
    this.settings = options.optimiser ?? PLAIN_ADAM;
    this.optimiser = createOptimiser(this.settings);
    const { parameters, statistics } = options.start;
    const zeros = this.optimiser.memory.map((name) => [name, new Float32Array(parameters.length)]);
    this.learned = this.upload({ ...Object.fromEntries(zeros), parameters, statistics });
    this.statistics = statistics.slice();
  }

  async step(batch: Batch, learningRate: number): Promise<number> {
    const { tf, optimiser } = this;
    const scalars = optimiser.scalars(learningRate, ++this.steps);
    const observed = new Map<string, Tensor>();
    const { loss, next } = tf.tidy(() => {
      const { value, grads } = tf.valueAndGrads((...parameters: Tensor[]) => {
        const { total, weight } = this.evaluate(batch, parameters, observed).terms;
        return tf.div(total, weight);
      })(this.learned.map(({ parameter }) => parameter));
      const next = this.learned.map((weight, index) =>
        stepOf(tf, this.settings, { weight, gradient: grads[index]!, scalars })
      );
      return { loss: value, next };
    });
    this.dispose();
    this.learned = next;
    await this.observe(observed);
    const [value] = await loss.data();
    loss.dispose();
    return value!;
  }

  async validate(batch: Batch): Promise<Validation> {
    const { tf } = this;
    const { predicted, total, weight } = tf.tidy(() => {
      const parameters = this.learned.map(({ parameter }) => parameter);
      const { logits, terms } = this.evaluate(batch, parameters);
      return { predicted: tf.argMax(logits, 3), ...terms };
    });
    const [classes, lossTotal, lossWeight] = await Promise.all(
      [predicted, total, weight].map((tensor) => tensor.data()),
    );
    tf.dispose([predicted, total, weight]);
    return {
      predicted: Uint8Array.from(classes!),
      lossTotal: lossTotal![0]!,
      lossWeight: lossWeight![0]!,
    };
  }

  async weights(): Promise<Weights> {
    const parameters = await this.download(({ parameter }) => parameter);
    return { parameters, statistics: this.statistics.slice() };
  }

  async state(): Promise<TrainerState> {
    const memory: Record<string, Float32Array> = {};
    for (const name of this.optimiser.memory) {
      memory[name] = await this.download((weight) => weight.memory[name]!);
    }
    return { steps: this.steps, vectors: { ...memory, ...await this.weights() } };
  }

  restore({ steps, vectors }: TrainerState): void {
    this.dispose();
    this.steps = steps;
    this.learned = this.upload(vectors);
    this.statistics = vectors.statistics.slice();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.dispose();
    return Promise.resolve();
  }

  private dispose(): void {
    this.tf.dispose(this.learned.map(({ parameter, memory }) => ({ parameter, ...memory })));
  }

  /** Runs the network; learns where there is somewhere to put what it observes of the batch. */
  private evaluate(
    { count, image, label }: Batch,
    parameters: readonly Tensor[],
    observed?: Map<string, Tensor>,
  ): { readonly logits: Tensor4D; readonly terms: Terms } {
    const { tf, options, layout } = this;
    const { architecture, size, normalisation } = options;
    const planes = tf.tensor4d(Float32Array.from(image), [count, architecture.bands, size, size]);
    const centred = tf.sub(
      tf.transpose(planes, [0, 2, 3, 1]),
      tf.tensor1d([...normalisation.mean]),
    );
    const weights = new Map(layout.parameters.map(({ name }, at) => [name, parameters[at]!]));
    forEachView(layout.statistics, this.statistics, ({ name }, values) => {
      weights.set(name, tf.tensor1d(values.slice()));
    });
    const network = {
      tf,
      weight: (name: string) => weights.get(name)!,
      ...observed && {
        observe: (norm: string, mean: Tensor, variance: Tensor) => {
          observed.set(`${norm}.running_mean`, tf.keep(mean));
          observed.set(`${norm}.running_var`, tf.keep(variance));
        },
      },
    };
    const normalised = tf.div(centred, tf.tensor1d([...normalisation.deviation])) as Tensor4D;
    const logits = unetLogits(network, normalised, architecture);
    const labels = tf.tensor3d(Int32Array.from(label), [count, size, size], "int32") as Tensor3D;
    const classWeights = options.classWeights ?? new Array<number>(architecture.classes).fill(1);
    const losses = options.losses ?? ["cross-entropy"];
    return { logits, terms: lossTerms(tf, { logits, label: labels }, { losses, classWeights }) };
  }

  /** Moves the running statistics a step towards those of a batch. */
  private async observe(observed: ReadonlyMap<string, Tensor>): Promise<void> {
    const next = new Float32Array(this.statistics.length);
    let offset = 0;
    for (const spec of this.layout.statistics) {
      const tensor = observed.get(spec.name)!;
      for (const value of await tensor.data()) {
        next[offset] = this.statistics[offset]! * (1 - MOMENTUM) + value * MOMENTUM;
        offset++;
      }
      tensor.dispose();
    }
    this.statistics = next;
  }

  private upload(vectors: StepVectors): Remembered[] {
    const { parameters, statistics: _, ...memory } = vectors;
    const cut = (vector: Float32Array): Tensor[] => {
      const tensors: Tensor[] = [];
      forEachView(this.layout.parameters, vector, (spec, values) => {
        tensors.push(this.toDevice(spec, values));
      });
      return tensors;
    };
    const remembered = Object.entries(memory).map(([name, vector]) => [name, cut(vector)] as const);
    return cut(parameters).map((parameter, index) => ({
      parameter,
      memory: Object.fromEntries(remembered.map(([name, tensors]) => [name, tensors[index]!])),
    }));
  }

  private async download(tensorOf: (weight: Remembered) => Tensor): Promise<Float32Array> {
    const vector = new Float32Array(totalLength(this.layout.parameters));
    let offset = 0;
    for (const [index, spec] of this.layout.parameters.entries()) {
      vector.set(await this.fromDevice(tensorOf(this.learned[index]!)), offset);
      offset += lengthOf(spec);
    }
    return vector;
  }

  /** PyTorch's filters are [out, in, rows, columns], TensorFlow's [rows, columns, in, out]. */
  private toDevice({ shape }: WeightSpec, values: Float32Array): Tensor {
    const { tf } = this;
    return tf.tidy(() => {
      const tensor = tf.tensor(values.slice(), [...shape]);
      return shape.length === 4 ? tf.transpose(tensor, [2, 3, 1, 0]) : tensor;
    });
  }

  private async fromDevice(tensor: Tensor): Promise<Float32Array> {
    const turned = this.tf.tidy(() =>
      tensor.rank === 4 ? this.tf.transpose(tensor, [3, 2, 0, 1]) : tensor.clone()
    );
    const values = await turned.data();
    turned.dispose();
    return values as Float32Array;
  }
}
