// Rules that turn gradients into better parameters, on all parameters as one flat vector.
import type { Tensor } from "../graph/graph.ts";
import { add, divide, multiply, squareRoot, subtract } from "../graph/operators.ts";

const ADAM = { firstDecay: 0.9, secondDecay: 0.999, epsilon: 1e-8 } as const;

/** Parameters and Adam's running averages of their gradients, all [parameters]. */
export interface AdamState {
  readonly parameters: Tensor;
  /** Of the gradient. */
  readonly firstMoment: Tensor;
  /** Of the squared gradient. */
  readonly secondMoment: Tensor;
}

/** Numbers that change from step to step, fed as scalars. */
export interface AdamScalars<Scalar> {
  /** Learning rate over the first moment's bias correction. */
  readonly stepSize: Scalar;
  /** Square root of the second moment's bias correction. */
  readonly deviationCorrection: Scalar;
}

/** Adds one step of Adam to the graph, operation for operation PyTorch's. */
export function adam(
  state: AdamState,
  gradients: Tensor,
  { stepSize, deviationCorrection }: AdamScalars<Tensor>,
): AdamState {
  const { firstDecay, secondDecay, epsilon } = ADAM;
  const firstMoment = add(
    multiply(state.firstMoment, firstDecay),
    multiply(gradients, 1 - firstDecay),
  );
  const secondMoment = add(
    multiply(state.secondMoment, secondDecay),
    multiply(multiply(gradients, gradients), 1 - secondDecay),
  );
  const deviation = add(divide(squareRoot(secondMoment), deviationCorrection), epsilon);
  const change = divide(multiply(firstMoment, stepSize), deviation);
  return { parameters: subtract(state.parameters, change), firstMoment, secondMoment };
}

/** Gives the scalars of a step; the first step is number 1. */
export function adamScalars(learningRate: number, step: number): AdamScalars<number> {
  return {
    stepSize: learningRate / (1 - ADAM.firstDecay ** step),
    deviationCorrection: Math.sqrt(1 - ADAM.secondDecay ** step),
  };
}
