// All weights of a network as two flat vectors, which is how the training graph takes them, and as
// named tensors, which is how files hold them.
import { type Random, seededRandom } from "../random.ts";
import type { Layout, WeightSpec } from "./design.ts";
import type { NamedTensors } from "./safetensors.ts";

/** Values of every weight, in the order of the layout. */
export interface Weights {
  readonly parameters: Float32Array;
  readonly statistics: Float32Array;
}

/** Counts the elements of weights. */
export function totalLength(specs: readonly WeightSpec[]): number {
  return specs.reduce((sum, spec) => sum + lengthOf(spec), 0);
}

/** Counts the elements of one weight. */
export function lengthOf(spec: WeightSpec): number {
  return spec.shape.reduce((product, length) => product * length, 1);
}

/** Draws first weights: He's normal distribution for filters, one for scales, zero for the rest. */
export function initialWeights(layout: Layout, seed: number): Weights {
  const random = seededRandom(seed);
  const parameters = fill(layout.parameters, (spec, values) => {
    if (spec.shape.length === 1) {
      values.fill(isScale(spec) ? 1 : 0);
    } else {
      const deviation = Math.sqrt(2 / inputsPerOutput(spec));
      for (let at = 0; at < values.length; at++) values[at] = deviation * normal(random);
    }
  });
  const statistics = fill(layout.statistics, (spec, values) => {
    values.fill(spec.name.endsWith("running_var") ? 1 : 0);
  });
  return { parameters, statistics };
}

/** Views weights by name. */
export function namedTensors(layout: Layout, weights: Weights): NamedTensors {
  const named: NamedTensors = new Map();
  for (const kind of ["parameters", "statistics"] as const) {
    forEachView(layout[kind], weights[kind], ({ name, shape }, data) => {
      named.set(name, { shape, data });
    });
  }
  return named;
}

type Visit = (spec: WeightSpec, values: Float32Array) => void;

function fill(specs: readonly WeightSpec[], visit: Visit): Float32Array {
  const flat = new Float32Array(totalLength(specs));
  forEachView(specs, flat, visit);
  return flat;
}

/** Shows each weight of a flat vector. */
export function forEachView(specs: readonly WeightSpec[], flat: Float32Array, visit: Visit): void {
  let offset = 0;
  for (const spec of specs) {
    const end = offset + lengthOf(spec);
    visit(spec, flat.subarray(offset, end));
    offset = end;
  }
}

/** Draws from the normal distribution with mean 0 and deviation 1 (Box and Muller). */
function normal(random: Random): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random()));
  return radius * Math.cos(2 * Math.PI * random());
}

/** The scale of a batch normalisation is its one-dimensional "weight". */
function isScale(spec: WeightSpec): boolean {
  return spec.name.endsWith(".weight");
}

/** Filters are [out, in, rows, columns]; the 2×2 up-convolution is [in, out, 2, 2] and meets each once. */
function inputsPerOutput(spec: WeightSpec): number {
  const [first, second, rows, columns] = spec.shape as [number, number, number, number];
  return spec.name.endsWith(".up.weight") ? first : second * rows * columns;
}
