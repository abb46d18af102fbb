// Reverse-mode differentiation: layers record how a gradient flows from their output to their inputs,
// and playing the record backwards adds the nodes that compute every gradient.
import { add } from "./operators.ts";
import type { Tensor } from "./graph.ts";

/** An input of an operator with the gradient that reaches it; built only where it is wanted. */
export type Contribution = readonly [input: Tensor, gradient: () => Tensor];

/** An operator that ran. */
export interface Entry {
  /** What it made. */
  readonly output: Tensor;
  /** Turns the gradient of the output into those of the inputs. */
  readonly backward: (gradient: Tensor) => readonly Contribution[];
}

/** The operators that ran, in order, each with its way back. */
export class Tape {
  private readonly entries: Entry[] = [];
  private readonly gradients = new Map<string, Tensor>();
  private readonly differentiable = new Set<string>();

  /** Marks a tensor whose gradient is wanted. */
  watch(tensor: Tensor): void {
    this.differentiable.add(tensor.name);
  }

  /** Records how the gradient of `output` becomes gradients of the inputs it was made of. */
  record(output: Tensor, backward: Entry["backward"]): void {
    this.entries.push({ output, backward });
    this.watch(output);
  }

  /** Adds the nodes of the way back from a scalar whose gradient is one. */
  backward(): void {
    for (const { output, backward } of this.entries.toReversed()) {
      const gradient = this.gradients.get(output.name);
      if (gradient === undefined) continue;
      for (const [input, contribution] of backward(gradient)) {
        if (this.differentiable.has(input.name)) this.accumulate(input, contribution());
      }
    }
  }

  /** Adds to the gradient of a tensor; a loss starts the way back with it. */
  accumulate(tensor: Tensor, gradient: Tensor): void {
    const known = this.gradients.get(tensor.name);
    this.gradients.set(tensor.name, known === undefined ? gradient : add(known, gradient));
  }

  /** Gives the gradient that reached a tensor. */
  gradientOf(tensor: Tensor): Tensor {
    const gradient = this.gradients.get(tensor.name);
    if (gradient === undefined) throw new Error(`No gradient reaches "${tensor.name}"`);
    return gradient;
  }
}
