// Fits the tensors of a file to a network: all of its weights, of the same shapes, and nothing besides.
import type { Layout, WeightSpec } from "../unet.ts";
import { lengthOf, totalLength, type Weights } from "../weights.ts";
import { Unreadable } from "./bytes.ts";
import type { StoredTensors } from "./elements.ts";
import { nearestName } from "./nearest_name.ts";

/** Counts of batches that normalisation saw; only PyTorch keeps them. */
const COUNTER = /(^|\.)num_batches_tracked$/;
/** More than two of the deepest networks have; a file that was made to harm may have millions. */
const MOST_NAMED = 500;

/** Collects a network's weights; throws Unreadable naming every tensor that does not fit. */
export function weightsFrom(layout: Layout, stored: StoredTensors): Weights {
  const problems = misfits([...layout.parameters, ...layout.statistics], stored);
  if (problems.length > 0) {
    const [shown, more] = [problems.slice(0, MOST_NAMED), problems.length - MOST_NAMED];
    const rest = more > 0 ? [`and ${more} more`] : [];
    throw new Unreadable(
      `its tensors do not fit the network:\n  ${[...shown, ...rest].join("\n  ")}`,
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
  const extra = [...stored.keys()].filter((name) => !wanted.has(name) && !COUNTER.test(name));
  const missing = specs.map(({ name }) => name).filter((name) => !stored.has(name));
  const near = (name: string, names: readonly string[]): string => {
    const nearest = nearestName(name, names.slice(0, MOST_NAMED));
    return nearest === undefined ? "" : `; the nearest name is "${nearest}"`;
  };
  return [
    ...specs.flatMap(({ name, shape }) => {
      const found = stored.get(name)?.shape;
      if (found === undefined) return [`"${name}" is missing${near(name, extra)}`];
      if (String(found) === String(shape)) return [];
      return [`"${name}" is ${sizes(found)} and should be ${sizes(shape)}`];
    }),
    ...extra.map((name) => `"${name}" is no weight of the network${near(name, missing)}`),
  ];
}

function sizes(shape: readonly number[]): string {
  return shape.length === 0 ? "a single number" : shape.join("×");
}

function flat(specs: readonly WeightSpec[], stored: StoredTensors): Float32Array {
  const values = new Float32Array(totalLength(specs));
  let offset = 0;
  for (const spec of specs) {
    // The names were compared before.
    values.set(stored.get(spec.name)!.read(), offset);
    offset += lengthOf(spec);
  }
  return values;
}
