// Unpacks blocks of a TIFF into samples. Compressed blocks are put into a small TIFF of their own, which
// libvips unpacks in one native call off this thread: a window costs what it holds, not what lies above.
import { zstdDecompressSync } from "node:zlib";
import sharp from "sharp";
import type { TiffDirectory } from "./directory.ts";
import { encodeTiff, TAG, type Tag } from "./encode.ts";
import { COMPRESSION, PHOTOMETRIC, rowBytes, type TiffLayout } from "./layout.ts";
import { type Samples, toSamples } from "./samples.ts";

/** What some codecs need beside the layout; values as they stand in the file. */
export interface CodecTags {
  readonly jpegTables?: Uint8Array;
  readonly chromaSubsampling?: readonly number[];
  readonly group3Options?: readonly number[];
}

/** Reads the tags that codecs need; absent ones are left out. */
export async function readCodecTags(directory: TiffDirectory): Promise<CodecTags> {
  const jpegTables = await directory.bytes(TAG.jpegTables);
  const chromaSubsampling = await directory.numbers(TAG.chromaSubsampling);
  const group3Options = await directory.numbers(TAG.group3Options);
  return {
    ...(jpegTables === undefined ? {} : { jpegTables }),
    ...(chromaSubsampling.length === 2 ? { chromaSubsampling } : {}),
    ...(group3Options.length === 1 ? { group3Options } : {}),
  };
}

/** Packed blocks that lie one below the other, and the rows that they hold together. */
export interface BlockStack {
  readonly packed: readonly Uint8Array[];
  readonly rows: number;
}

const PIXEL_CODECS: readonly number[] = [
  COMPRESSION.jpeg,
  COMPRESSION.webp,
  COMPRESSION.group3,
  COMPRESSION.fax3,
  COMPRESSION.fax4,
];

/** Unpacks a stack of blocks to samples of shape [rows, blockWidth, bands of a block]. */
export async function unpackBlocks(
  layout: TiffLayout,
  codec: CodecTags,
  stack: BlockStack,
): Promise<Samples> {
  if (PIXEL_CODECS.includes(layout.compression) || isDifferencedPhoto(layout)) {
    return await unpackPixels(layout, codec, stack);
  }
  return toSamples(layout, await unpackBytes(layout, stack), stack.rows);
}

/** The commonest use of the predictor, which libvips undoes much faster than a loop here. */
function isDifferencedPhoto(
  { compression, predictor, bits, bands, separate }: TiffLayout,
): boolean {
  const packed: readonly number[] = [COMPRESSION.lzw, COMPRESSION.deflate, COMPRESSION.deflateOld];
  return predictor === 2 && bits === 8 && (bands === 3 || bands === 1) && !separate &&
    packed.includes(compression);
}

/** To unpack bytes, the block is declared to be a grey image as wide as its rows have bytes. */
async function unpackBytes(layout: TiffLayout, { packed, rows }: BlockStack): Promise<Uint8Array> {
  const { compression, fillOrder, blockHeight } = layout;
  const width = rowBytes(layout);
  if (compression === COMPRESSION.none && fillOrder === 1) return join(packed, width * rows);
  if (compression === COMPRESSION.zstd) {
    const options = { maxOutputLength: width * blockHeight };
    return join(packed.map((block) => zstdDecompressSync(block, options)), width * rows);
  }
  return await decode([
    { id: TAG.width, type: "long", values: [width] },
    { id: TAG.height, type: "long", values: [rows] },
    { id: TAG.bits, type: "short", values: [8] },
    { id: TAG.compression, type: "short", values: [compression] },
    { id: TAG.photometric, type: "short", values: [PHOTOMETRIC.gray] },
    { id: TAG.fillOrder, type: "short", values: [fillOrder] },
    { id: TAG.bands, type: "short", values: [1] },
    { id: TAG.stripRows, type: "long", values: [blockHeight] },
  ], { packed, length: width * rows, gray: true });
}

async function unpackPixels(
  layout: TiffLayout,
  codec: CodecTags,
  { packed, rows }: BlockStack,
): Promise<Uint8Array> {
  const { blockWidth, blockHeight, bits, compression, fillOrder } = layout;
  const bands = layout.separate ? 1 : layout.bands;
  const differenced = isDifferencedPhoto(layout);
  const color = differenced ? PHOTOMETRIC.rgb : layout.photometric;
  const photometric = bands === 1 ? PHOTOMETRIC.gray : color;
  const samples = await decode([
    { id: TAG.width, type: "long", values: [blockWidth] },
    { id: TAG.height, type: "long", values: [rows] },
    { id: TAG.bits, type: "short", values: Array.from({ length: bands }, () => bits) },
    { id: TAG.compression, type: "short", values: [compression] },
    { id: TAG.photometric, type: "short", values: [photometric] },
    { id: TAG.fillOrder, type: "short", values: [fillOrder] },
    { id: TAG.bands, type: "short", values: [bands] },
    { id: TAG.stripRows, type: "long", values: [blockHeight] },
    { id: TAG.predictor, type: "short", values: [differenced ? 2 : 1] },
    ...codecTags(codec),
  ], { packed, length: blockWidth * rows * bands, gray: bands === 1 });
  return bits === 1 ? samples.map((value) => value >> 7) : samples;
}

function codecTags({ jpegTables, chromaSubsampling, group3Options }: CodecTags): Tag[] {
  const tags: Tag[] = [];
  if (jpegTables !== undefined) {
    tags.push({ id: TAG.jpegTables, type: "bytes", values: jpegTables });
  }
  if (chromaSubsampling !== undefined) {
    tags.push({ id: TAG.chromaSubsampling, type: "short", values: chromaSubsampling });
  }
  if (group3Options !== undefined) {
    tags.push({ id: TAG.group3Options, type: "long", values: group3Options });
  }
  return tags;
}

interface Expected {
  readonly packed: readonly Uint8Array[];
  readonly length: number;
  readonly gray: boolean;
}

async function decode(tags: readonly Tag[], expected: Expected): Promise<Uint8Array> {
  const { packed, length, gray } = expected;
  const image = sharp(encodeTiff(tags, packed), { limitInputPixels: false, failOn: "error" });
  const bytes = await (gray ? image.toColourspace("b-w") : image).raw().toBuffer();
  if (bytes.length !== length) throw new Error("its pixels are not packed as its header says");
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}

function join(parts: readonly Uint8Array[], length: number): Uint8Array {
  const [only] = parts;
  if (parts.length === 1 && only?.length === length) return only;
  const joined = new Uint8Array(length);
  let end = 0;
  for (const part of parts) {
    if (end + part.length > length) throw new Error("a block holds more pixels than it should");
    joined.set(part, end);
    end += part.length;
  }
  if (end < length) throw new Error("a block of its pixels is cut short");
  return joined;
}
