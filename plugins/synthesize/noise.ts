// Smooth random fields: where woods grow, how crops vary, how the air and the sensor disturb.
import type { Random } from "../random.ts";

/** Values in [0, 1] that change smoothly over `cell` pixels; shape [size, size]. */
export function smoothNoise(size: number, cell: number, random: Random): Float32Array {
  const columns = Math.ceil(size / cell) + 2;
  const lattice = Float32Array.from({ length: columns * columns }, random);
  const values = new Float32Array(size * size);
  const weights = Float32Array.from({ length: size }, (_, x) => ease((x / cell) % 1));
  for (let y = 0; y < size; y++) {
    const row = Math.floor(y / cell) * columns;
    const down = weights[y] ?? 0;
    for (let x = 0; x < size; x++) {
      const at = row + Math.floor(x / cell);
      const right = weights[x] ?? 0;
      const top = mix(lattice[at] ?? 0, lattice[at + 1] ?? 0, right);
      const bottom = mix(lattice[at + columns] ?? 0, lattice[at + columns + 1] ?? 0, right);
      values[y * size + x] = mix(top, bottom, down);
    }
  }
  return values;
}

/** Sums octaves of smooth noise, each of half the cell and half the strength, down to `finest` pixels. */
export function fractalNoise(
  size: number,
  { cell, finest }: { readonly cell: number; readonly finest: number },
  random: Random,
): Float32Array {
  const values = new Float32Array(size * size);
  let total = 0;
  for (let [edge, strength] = [cell, 1]; edge >= finest; edge /= 2, strength /= 2) {
    const octave = smoothNoise(size, edge, random);
    for (let at = 0; at < values.length; at++) {
      values[at] = (values[at] ?? 0) + strength * (octave[at] ?? 0);
    }
    total += strength;
  }
  return values.map((value) => value / total);
}

/** The value that a share of the field lies above, estimated from every 37th pixel. */
export function levelAbove(field: Float32Array, share: number): number {
  const sample = field.filter((_, at) => at % 37 === 0).sort();
  return sample[Math.floor(sample.length * (1 - share))] ?? 1;
}

/** Linear step from a to b. */
export function mix(a: number, b: number, weight: number): number {
  return a + (b - a) * weight;
}

function ease(t: number): number {
  return t * t * (3 - 2 * t);
}
