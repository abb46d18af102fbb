// What every layer is built with: the graph, where weights come from, and whether the network learns.
import type { Graph, Tensor } from "../graph/graph.ts";
import type { Tape } from "../graph/tape.ts";

/** A network under construction. */
export interface Network {
  /** Takes the nodes. */
  readonly graph: Graph;
  /** Gives a weight that is learned, under its name in PyTorch's state dictionary. */
  readonly parameter: (name: string, shape: readonly number[]) => Tensor;
  /** Gives a running statistic of batch normalisation, [channels]. */
  readonly statistic: (name: string, channels: number) => Tensor;
  /** Absent where the network only predicts: then layers normalise with the running statistics. */
  readonly learning?: Learning;
}

/** What layers add where the network learns. */
export interface Learning {
  /** Records the way back of every layer. */
  readonly tape: Tape;
  /** Takes what this batch says of each running statistic, in the order in which they were asked for. */
  readonly observe: (statistic: Tensor) => void;
}
