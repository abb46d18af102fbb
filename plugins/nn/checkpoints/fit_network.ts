// Fits the tensors of a file to a network: all of its weights, of the same shapes, and nothing besides.
import type { Layout, WeightSpec } from "../design.ts";
import { lengthOf, totalLength, type Weights } from "../weights.ts";
import { Unreadable } from "./bytes.ts";
import type { StoredTensors } from "./elements.ts";
import { nearestName } from "./nearest_name.ts";

/** Counts of batches that normalisation saw; only PyTorch keeps them. */
const COUNTER = /(^|\.)num_batches_tracked$/;
/** Tensors too much that are named: more than any network has; a file made to harm may have millions. */
const MOST_NAMED = 500;
const NOT_FINITE = "Take an earlier checkpoint: the training that wrote this one had diverged";

/**
 * Collects a network's weights; throws Unreadable naming every tensor that does not fit, and where values
 * are not finite.
 */
export function weightsFrom(layout: Layout, stored: StoredTensors): Weights {
  const problems = misfits([...layout.parameters, ...layout.statistics], stored);
  if (problems.length > 0) {
    throw new Unreadable(
      `its tensors do not fit the network:\n  ${problems.join("\n  ")}`,
      'Set "base" and "depth" as they were when the weights were trained, and prepare tiles with ' +
        "as many bands and classes",
    );
  }
  return {
    parameters: flat(layout.parameters, stored),
    statistics: flat(layout.statistics, stored),
  };
}

/** Says of each tensor that is missing, misshapen or too much what is wrong, in the network's order. */
function misfits(specs: readonly WeightSpec[], stored: StoredTensors): string[] {
  const wanted = new Set(specs.map(({ name }) => name));
  const missing = [...wanted].filter((name) => !stored.has(name));
  const extra = [...stored.keys()].filter((name) => !wanted.has(name) && !COUNTER.test(name));
  const named = extra.slice(0, MOST_NAMED);
  const unnamed = extra.length - named.length;
  return [
    ...specs.flatMap(({ name, shape }) => {
      const found = stored.get(name)?.shape;
      if (found === undefined) return [`"${name}" is missing${nearest(name, named)}`];
      if (String(found) === String(shape)) return [];
      return [`"${name}" is ${sizes(found)} and should be ${sizes(shape)}`];
    }),
    ...named.map((name) => `"${name}" is no weight of the network${nearest(name, missing)}`),
    ...unnamed > 0 ? [`${unnamed} more are no weights of the network`] : [],
  ];
}

function nearest(name: string, candidates: readonly string[]): string {
  const near = nearestName(name, candidates);
  return near === undefined ? "" : `; the nearest name is "${near}"`;
}

function sizes(shape: readonly number[]): string {
  return shape.length === 0 ? "a single number" : shape.join("×");
}

function flat(specs: readonly WeightSpec[], stored: StoredTensors): Float32Array {
  const values = new Float32Array(totalLength(specs));
  let offset = 0;
  for (const spec of specs) {
    // The names were compared before.
    const read = stored.get(spec.name)!.read();
    if (!read.every(Number.isFinite)) {
      throw new Unreadable(`"${spec.name}" holds values that are no finite numbers`, NOT_FINITE);
    }
    values.set(read, offset);
    offset += lengthOf(spec);
  }
  return values;
}
