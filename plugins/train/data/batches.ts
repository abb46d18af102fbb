// Loads batches: decodes the next ones while the network works on one.
import type { Batch } from "../../nn/training/trainer.ts";
import { showImage, showMask } from "./show.ts";
import type { TileSource } from "./tile_source.ts";
import type { View } from "./views.ts";

/** Batches that are being decoded while the network works. Enough to bridge a batch that decodes slowly. */
const BATCHES_AHEAD = 3;

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
    const part = (whole: Uint8Array, length: number): Uint8Array =>
      whole.subarray(index * length, (index + 1) * length);
    showImage({ data: pixels, edge }, view, part(image, pixels.length));
    showMask({ data: mask, edge }, view, part(label, mask.length));
  });
  return { count: views.length, image, label };
}
