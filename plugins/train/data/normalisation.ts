// Measures the brightness of the training tiles, by which the network's input is normalised.
import type { Normalisation } from "../../nn/inference_graph.ts";
import type { Tile } from "../../tiles/manifest.ts";
import type { TileSource } from "./tile_source.ts";

/** So many tiles, evenly spread, stand for all: their mean is known far better than it matters. */
const MOST_TILES = 256;
const DECODED_AT_ONCE = 16;

/** Gives mean and deviation of each band, in pixel values. */
export async function measureNormalisation(
  source: TileSource,
  tiles: readonly Tile[],
  signal: AbortSignal,
): Promise<Normalisation> {
  const { bands, tile: edge } = source.manifest;
  const counts = Array.from({ length: bands }, () => new Float64Array(256));
  const chosen = evenlySpread(tiles, MOST_TILES);
  for (let at = 0; at < chosen.length; at += DECODED_AT_ONCE) {
    signal.throwIfAborted();
    const group = chosen.slice(at, at + DECODED_AT_ONCE);
    for (const { pixels } of await Promise.all(group.map((tile) => source.load(tile)))) {
      counts.forEach((count, band) => {
        for (let index = band * edge ** 2; index < (band + 1) * edge ** 2; index++) {
          count[pixels[index]!]!++;
        }
      });
    }
  }
  const moments = counts.map(momentsOf);
  return {
    mean: moments.map(({ mean }) => mean),
    deviation: moments.map(({ deviation }) => deviation),
  };
}

function evenlySpread<Item>(items: readonly Item[], most: number): Item[] {
  const step = Math.max(1, items.length / most);
  const count = Math.min(items.length, most);
  return Array.from({ length: count }, (_, index) => items[Math.floor(index * step)]!);
}

/** Mean and deviation of byte values that occur `counts[value]` times; a flat band counts as deviation 1. */
function momentsOf(counts: Float64Array): { readonly mean: number; readonly deviation: number } {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const mean = counts.reduce((sum, count, value) => sum + count * value, 0) / total;
  const square = counts.reduce((sum, count, value) => sum + count * (value - mean) ** 2, 0) / total;
  return { mean, deviation: Math.max(1, Math.sqrt(square)) };
}
