// Rules that turn gradients into better parameters, on all parameters as one flat vector; each does what
// PyTorch's does, operation for operation.
import type { Tensor } from "../graph/graph.ts";
import { add, divide, multiply, squareRoot, subtract } from "../graph/operators.ts";

/** Which rule, and its numbers. */
export interface OptimiserSettings {
  readonly name: "adam" | "adamw" | "sgd";
  /** Pulls parameters towards zero: a part of the gradient, in adamw a step of its own. */
  readonly weightDecay: number;
  /** Share of the last step that sgd goes on with. */
  readonly momentum: number;
}

/** A rule as a part of a training graph. */
export interface Optimiser {
  /** Vectors as long as the parameters that go from step to step, zero at first. */
  readonly memory: readonly string[];
  /** Gives the numbers that change from step to step; the first step is number 1. */
  readonly scalars: (learningRate: number, step: number) => Readonly<Record<string, number>>;
  /** Adds one step to the graph: takes "parameters" and memory, gives the next of each. */
  readonly update: (step: OptimiserStep) => Readonly<Record<string, Tensor>>;
}

/** What an optimiser computes with. */
export interface OptimiserStep {
  /** "parameters" and the memory, all [parameters]. */
  readonly state: Readonly<Record<string, Tensor>>;
  readonly gradients: Tensor;
  readonly scalars: Readonly<Record<string, Tensor>>;
}

/** Makes an optimiser. */
export function createOptimiser(settings: OptimiserSettings): Optimiser {
  return settings.name === "sgd" ? sgd(settings) : adam(settings);
}

const ADAM = { firstDecay: 0.9, secondDecay: 0.999, epsilon: 1e-8 } as const;

/** Adam (Kingma and Ba), or AdamW (Loshchilov and Hutter), whose decay no running average sees. */
function adam({ name, weightDecay }: OptimiserSettings): Optimiser {
  const { firstDecay, secondDecay, epsilon } = ADAM;
  const decoupled = name === "adamw" && weightDecay > 0;
  return {
    memory: ["firstMoment", "secondMoment"],
    scalars: (learningRate, step) => ({
      stepSize: learningRate / (1 - firstDecay ** step),
      // The reciprocal: multiplying is faster than dividing.
      deviationCorrection: 1 / Math.sqrt(1 - secondDecay ** step),
      ...(decoupled ? { kept: 1 - learningRate * weightDecay } : {}),
    }),
    update: ({ state, gradients, scalars }) => {
      const start = state.parameters!;
      const parameters = decoupled ? multiply(start, scalars.kept!) : start;
      const slope = decoupled ? gradients : withDecay(gradients, start, weightDecay);
      const firstMoment = add(
        multiply(state.firstMoment!, firstDecay),
        multiply(slope, 1 - firstDecay),
      );
      const secondMoment = add(
        multiply(state.secondMoment!, secondDecay),
        multiply(multiply(slope, slope), 1 - secondDecay),
      );
      const deviation = multiply(squareRoot(secondMoment), scalars.deviationCorrection!);
      const change = divide(multiply(firstMoment, scalars.stepSize!), add(deviation, epsilon));
      return { parameters: subtract(parameters, change), firstMoment, secondMoment };
    },
  };
}

/** Gradient descent with momentum. */
function sgd({ weightDecay, momentum }: OptimiserSettings): Optimiser {
  return {
    memory: ["velocity"],
    scalars: (learningRate) => ({ learningRate }),
    update: ({ state, gradients, scalars }) => {
      const slope = withDecay(gradients, state.parameters!, weightDecay);
      const velocity = add(multiply(state.velocity!, momentum), slope);
      const change = multiply(velocity, scalars.learningRate!);
      return { parameters: subtract(state.parameters!, change), velocity };
    },
  };
}

function withDecay(gradients: Tensor, parameters: Tensor, weightDecay: number): Tensor {
  return weightDecay === 0 ? gradients : add(gradients, multiply(parameters, weightDecay));
}
