// Reads rows of a TIFF from the blocks that hold them, fetching and unpacking neighbours in one go.
import { type CodecTags, unpackBlocks } from "./blocks.ts";
import type { ByteSource } from "./directory.ts";
import { rowBytes, type TiffLayout } from "./layout.ts";
import { newSamples, type Samples } from "./samples.ts";

/** Reads rows of an image. */
export interface TiffRowsReader {
  /** Gives samples of shape [rows, width, bands]; `fill` stands where the file holds no block. */
  read(y: number, rows: number, fill: number): Promise<Samples>;
}

/** Unpacked blocks by their index; shape of each [rows, blockWidth, bands of a block]. */
type Blocks = ReadonlyMap<number, Samples>;

interface Window {
  readonly y: number;
  readonly rows: number;
}

const LARGEST_STACK = 64 * 2 ** 20;
const PACKING_OVERHEAD = 65_536;

/** Makes a reader; nothing of the pixels is read yet. */
export function tiffRowsReader(
  layout: TiffLayout,
  codec: CodecTags,
  source: ByteSource,
): TiffRowsReader {
  // Blocks that reach below the last window are kept: the next window starts inside them.
  let kept: Blocks = new Map();
  return {
    async read(y, rows, fill): Promise<Samples> {
      const window = { y, rows };
      const blocks = blocksOf(layout, window);
      const known = kept;
      const groups = stacks(layout, blocks.filter((block) => isWritten(layout, block, known)));
      const [only, ...more] = groups;
      if (only !== undefined && more.length === 0 && fills(layout, only, window)) {
        kept = new Map();
        return (await unpackStack(only, layout, { codec, source })).samples;
      }
      const samples = newSamples(layout, rows * layout.width * layout.bands);
      if (fill !== 0) samples.fill(fill);
      const below = new Map<number, Samples>();
      const use = (block: number, values: Samples): void => {
        copyBlock(layout, { block, values }, { samples, window });
        const place = placeOf(layout, block);
        if (place.y + place.rows > y + rows) below.set(block, values);
      };
      blocks.forEach((block) => {
        const values = known.get(block);
        if (values !== undefined) use(block, values);
      });
      for (const group of groups) {
        const stack = await unpackStack(group, layout, { codec, source });
        for (const [block, values] of stack.blocks) use(block, values);
      }
      kept = below;
      return samples;
    },
  };
}

function isWritten(layout: TiffLayout, block: number, known: Blocks): boolean {
  return !known.has(block) && layout.offsets[block] !== 0;
}

/** Says whether unpacked strips are just the rows asked for, so that nothing needs to be copied. */
function fills(layout: TiffLayout, blocks: readonly number[], { y, rows }: Window): boolean {
  if (layout.separate || layout.blockWidth !== layout.width) return false;
  const [first = 0, last = 0] = [blocks[0], blocks.at(-1)];
  const [top, bottom] = [placeOf(layout, first), placeOf(layout, last)];
  return blocks.length === last - first + 1 && top.y === y && bottom.y + bottom.rows === y + rows;
}

/** Where a block lies in the image. */
function placeOf(
  { blocksAcross, blocksDown, blockWidth, blockHeight, height, tiled }: TiffLayout,
  block: number,
): { readonly plane: number; readonly x: number; readonly y: number; readonly rows: number } {
  const inPlane = block % (blocksAcross * blocksDown);
  const y = Math.floor(inPlane / blocksAcross) * blockHeight;
  return {
    plane: Math.floor(block / (blocksAcross * blocksDown)),
    x: (inPlane % blocksAcross) * blockWidth,
    y,
    rows: tiled ? blockHeight : Math.min(blockHeight, height - y),
  };
}

function blocksOf(layout: TiffLayout, { y, rows }: Window): number[] {
  const { blocksAcross, blocksDown, blockHeight, separate, bands } = layout;
  const first = Math.floor(y / blockHeight) * blocksAcross;
  const last = Math.ceil((y + rows) / blockHeight) * blocksAcross;
  return Array.from({ length: separate ? bands : 1 }, (_, plane) =>
    Array.from(
      { length: last - first },
      (_, index) => plane * blocksAcross * blocksDown + first + index,
    )).flat();
}

/** Groups blocks that can be unpacked as one image: all but the last of a group have full height. */
function stacks(layout: TiffLayout, blocks: readonly number[]): number[][] {
  const most = Math.max(1, Math.floor(LARGEST_STACK / (rowBytes(layout) * layout.blockHeight)));
  const groups: number[][] = [];
  let open: number[] = [];
  for (const block of blocks) {
    open.push(block);
    if (open.length < most && placeOf(layout, block).rows === layout.blockHeight) continue;
    groups.push(open);
    open = [];
  }
  return open.length === 0 ? groups : [...groups, open];
}

interface Stack {
  /** Of all blocks, one below the other. */
  readonly samples: Samples;
  readonly blocks: readonly [block: number, values: Samples][];
}

async function unpackStack(
  blocks: readonly number[],
  layout: TiffLayout,
  { codec, source }: { readonly codec: CodecTags; readonly source: ByteSource },
): Promise<Stack> {
  const heights = blocks.map((block) => placeOf(layout, block).rows);
  const rows = heights.reduce((sum, height) => sum + height, 0);
  const packed = await fetchBlocks(blocks, layout, source);
  const samples = await unpackBlocks(layout, codec, { packed, rows });
  const perRow = samples.length / rows;
  let row = 0;
  const parts = blocks.map((block, index): [number, Samples] => {
    const start = row;
    row += heights[index] ?? 0;
    return [block, samples.subarray(start * perRow, row * perRow)];
  });
  return { samples, blocks: parts };
}

/** Reads packed blocks; those that follow each other in the file are read at once. */
async function fetchBlocks(
  blocks: readonly number[],
  layout: TiffLayout,
  source: ByteSource,
): Promise<Uint8Array[]> {
  const packed: Uint8Array[] = [];
  for (let first = 0; first < blocks.length;) {
    const start = layout.offsets[blocks[first] ?? 0] ?? 0;
    let end = start;
    let next = first;
    while (next < blocks.length && layout.offsets[blocks[next] ?? 0] === end) {
      end += packedBytes(layout, blocks[next] ?? 0);
      next++;
    }
    const bytes = await source.read(start, end - start);
    let at = 0;
    for (const block of blocks.slice(first, next)) {
      packed.push(bytes.subarray(at, at += packedBytes(layout, block)));
    }
    first = next;
  }
  return packed;
}

function packedBytes(layout: TiffLayout, block: number): number {
  const bytes = layout.counts[block] ?? 0;
  if (bytes > 0 && bytes <= 2 * rowBytes(layout) * layout.blockHeight + PACKING_OVERHEAD) {
    return bytes;
  }
  throw new Error(`its header declares ${bytes} bytes for one block of pixels`);
}

/** Copies the part of a block that lies in the window. */
function copyBlock(
  layout: TiffLayout,
  { block, values }: { readonly block: number; readonly values: Samples },
  { samples, window }: { readonly samples: Samples; readonly window: Window },
): void {
  const { width, bands, blockWidth, separate } = layout;
  const { plane, x, y, rows } = placeOf(layout, block);
  const columns = Math.min(blockWidth, width - x);
  const inBlock = separate ? 1 : bands;
  const [first, last] = [Math.max(y, window.y), Math.min(y + rows, window.y + window.rows)];
  for (let row = first; row < last; row++) {
    const from = (row - y) * blockWidth * inBlock;
    const to = ((row - window.y) * width + x) * bands;
    if (!separate) {
      samples.set(values.subarray(from, from + columns * bands), to);
      continue;
    }
    for (let column = 0; column < columns; column++) {
      samples[to + column * bands + plane] = values[from + column] ?? 0;
    }
  }
}
