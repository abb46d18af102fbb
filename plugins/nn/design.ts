// What a network is: a name and a function that builds it of layers, and the list of weights that follows.
import { Graph, type Tensor } from "./graph/graph.ts";
import type { Network } from "./layers/network.ts";

/** Width, depth and ends of a network. */
export interface Architecture {
  /** Name of the design; "unet" is the one that `train` builds. */
  readonly name: string;
  /** Channels of the first block; of a U-Net, each level down doubles them. */
  readonly base: number;
  /** Number of times the image is halved; sides fed to the network are multiples of 2^depth. */
  readonly depth: number;
  /** Bands of the images. */
  readonly bands: number;
  /** Classes of the labels. */
  readonly classes: number;
}

/** A network as it is designed, before its width and its ends are known. */
export interface Design {
  /** Goes into the model's card; the public U-Net is "unet". */
  readonly name: string;
  /**
   * Builds the network on normalised images [n, bands, h, w] and gives logits [n, classes, h, w]. It is called
   * several times, for training and for prediction, and must ask for the same weights each time.
   */
  readonly build: (network: Network, image: Tensor, architecture: Architecture) => Tensor;
}

/** A named weight. */
export interface WeightSpec {
  /** As in PyTorch's state dictionary. */
  readonly name: string;
  readonly shape: readonly number[];
}

/** All weights of a network in the order of their use. */
export interface Layout {
  /** Learned by the optimiser. */
  readonly parameters: readonly WeightSpec[];
  /** Running means and variances of batch normalisation. */
  readonly statistics: readonly WeightSpec[];
}

/** Lists the weights of a network by building it once for nothing else. */
export function layoutOf(design: Design, architecture: Architecture): Layout {
  const graph = new Graph();
  const parameters: WeightSpec[] = [];
  const statistics: WeightSpec[] = [];
  const network: Network = {
    graph,
    parameter: (name, shape) => {
      parameters.push({ name, shape });
      return graph.input(name, "float32", shape);
    },
    statistic: (name, channels) => {
      statistics.push({ name, shape: [channels] });
      return graph.input(name, "float32", [channels]);
    },
  };
  const image = graph.input("image", "float32", ["n", architecture.bands, "h", "w"]);
  design.build(network, image, architecture);
  return { parameters, statistics };
}
