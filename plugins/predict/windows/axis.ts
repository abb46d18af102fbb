// Where windows lie along one side of an image, and how much each counts at every pixel: most in its
// middle, least at its edges, where it sees too little of the surroundings.

/** Windows along one side. */
export interface Axis {
  /** Edge of a window, pixels; the whole side where that is shorter. */
  readonly window: number;
  /** First pixel of each window, rising. */
  readonly starts: readonly number[];
  /** Of each window, one per pixel; the weights of all windows over a pixel add up to 1. */
  readonly weights: readonly Float32Array[];
}

/** Spreads windows evenly so that neighbours share at least `overlap` pixels. */
export function spreadWindows(length: number, edge: number, overlap: number): Axis {
  const window = Math.min(edge, length);
  const count = window === length ? 1 : Math.ceil((length - overlap) / (window - overlap));
  const starts = Array.from(
    { length: count },
    (_, index) => count === 1 ? 0 : Math.round((index * (length - window)) / (count - 1)),
  );
  return { window, starts, weights: shares(starts, raisedCosine(window), length) };
}

/** Falls from 1 in the middle to nearly 0 at both ends. */
function raisedCosine(length: number): Float64Array {
  return Float64Array.from({ length }, (_, at) => Math.sin((Math.PI * (at + 0.5)) / length) ** 2);
}

/** What part of the sum over all windows each one has. */
function shares(starts: readonly number[], profile: Float64Array, length: number): Float32Array[] {
  const sum = new Float64Array(length);
  for (const start of starts) profile.forEach((weight, at) => sum[start + at]! += weight);
  return starts.map((start) =>
    Float32Array.from(profile, (weight, at) => weight / sum[start + at]!)
  );
}
