// From values of any range to bytes: nearly all of them spread from black to white, the few odd ones cut.
import type { Raster } from "../raster.ts";

/** Share of the values that may be cut at either end. */
const CUT = 0.02;

/** A way from values to bytes. */
export interface Stretch {
  /** The range in words. */
  readonly words: string;
  readonly toByte: (value: number) => number;
}

/** Finds the range of one of `bands` interleaved bands; what is no data does not count. */
export function stretch(
  values: Float64Array,
  { band, bands, raster }: {
    readonly band: number;
    readonly bands: number;
    readonly raster: Pick<Raster, "noData">;
  },
): Stretch {
  const known = new Float64Array(values.length / bands);
  let count = 0;
  for (let at = band; at < values.length; at += bands) {
    const value = values[at]!;
    if (Number.isFinite(value) && value !== raster.noData) known[count++] = value;
  }
  const sorted = known.subarray(0, count).sort();
  const low = sorted[Math.floor(CUT * (count - 1))] ?? 0;
  const high = sorted[Math.ceil((1 - CUT) * (count - 1))] ?? 0;
  const range = high - low || 1;
  return {
    words: `${Number(low.toPrecision(4))} to ${Number(high.toPrecision(4))}`,
    toByte: (value) => Math.round(255 * Math.min(1, Math.max(0, (value - low) / range))) || 0,
  };
}
