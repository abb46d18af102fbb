// Which tiles go into which batch and how they are flipped (pure), and the loader that decodes the next
// batches while the network works on one.
import type { Batch } from "../nn/training/trainer.ts";
import { seededRandom, shuffled } from "../random.ts";
import type { Tile } from "../tiles/manifest.ts";
import type { TileSource } from "./tile_source.ts";

/** A tile and how it is shown to the network. */
export interface View {
  readonly tile: Tile;
  readonly flipX: boolean;
  readonly flipY: boolean;
}

/** Batches that are being decoded while the network works. Enough to bridge a batch that decodes slowly. */
const BATCHES_AHEAD = 3;

/**
 * Orders the tiles of an epoch at random. Every batch is full: the last one is filled up with the tiles
 * that came first.
 */
export function planEpoch(
  tiles: readonly Tile[],
  options: {
    readonly batch: number;
    readonly seed: number;
    readonly epoch: number;
    readonly augment: boolean;
  },
): View[][] {
  const { batch, seed, epoch, augment } = options;
  const random = seededRandom(seed, epoch);
  const order = shuffled(tiles, random);
  const coin = (): boolean => augment && random() < 0.5;
  return Array.from(
    { length: Math.ceil(order.length / batch) },
    (_, row) =>
      Array.from({ length: batch }, (_, column) => ({
        tile: order[(row * batch + column) % order.length]!,
        flipX: coin(),
        flipY: coin(),
      })),
  );
}

/** Puts tiles into batches in their order, unflipped; the last batch may be smaller. */
export function planInOrder(tiles: readonly Tile[], batch: number): View[][] {
  return Array.from(
    { length: Math.ceil(tiles.length / batch) },
    (_, row) =>
      tiles.slice(row * batch, (row + 1) * batch)
        .map((tile) => ({ tile, flipX: false, flipY: false })),
  );
}

/** Loads batches in their order. */
export async function* loadBatches(
  source: TileSource,
  plan: readonly (readonly View[])[],
): AsyncGenerator<Batch> {
  const loading: Promise<Batch>[] = [];
  for (let at = 0; at < plan.length; at++) {
    while (loading.length <= BATCHES_AHEAD && at + loading.length < plan.length) {
      const batch = loadBatch(source, plan[at + loading.length]!);
      // Awaited some turns later; until then a failure must not count as unhandled.
      batch.catch(() => {});
      loading.push(batch);
    }
    yield await loading.shift()!;
  }
}

async function loadBatch(source: TileSource, views: readonly View[]): Promise<Batch> {
  const { bands, tile: edge } = source.manifest;
  const loaded = await Promise.all(views.map(({ tile }) => source.load(tile)));
  const image = new Uint8Array(views.length * bands * edge ** 2);
  const label = new Uint8Array(views.length * edge ** 2);
  views.forEach((view, index) => {
    const { pixels, mask } = loaded[index]!;
    copyFlipped(pixels, image.subarray(index * pixels.length), { ...view, edge });
    copyFlipped(mask, label.subarray(index * mask.length), { ...view, edge });
  });
  return { count: views.length, image, label };
}

/** Copies square planes, mirrored as asked. */
function copyFlipped(
  from: Uint8Array,
  to: Uint8Array,
  { flipX, flipY, edge }: Omit<View, "tile"> & { readonly edge: number },
): void {
  const rows = from.length / edge;
  for (let row = 0; row < rows; row++) {
    const plane = row - row % edge;
    const target = flipY ? plane + edge - 1 - row % edge : row;
    const line = to.subarray(target * edge, (target + 1) * edge);
    line.set(from.subarray(row * edge, (row + 1) * edge));
    if (flipX) line.reverse();
  }
}
