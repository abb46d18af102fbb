// How the pixels of a TIFF lie in the file: blocks, samples, compression. Refuses what cannot be read
// or what a header declares but the file cannot hold, before anything is allocated for it.
import { TAG } from "./encode.ts";
import type { ByteSource, TiffDirectory } from "./directory.ts";

/** The pixels of one image: a grid of blocks (strips are blocks as wide as the image). */
export interface TiffLayout {
  readonly width: number;
  readonly height: number;
  readonly bands: number;
  /** Bits of a sample: 1, 2, 4, 8, 16, 32 or 64. */
  readonly bits: number;
  readonly format: SampleFormat;
  readonly littleEndian: boolean;
  readonly compression: number;
  readonly predictor: number;
  readonly photometric: number;
  readonly fillOrder: number;
  /** Each block holds one band; the blocks of the first band come first. */
  readonly separate: boolean;
  readonly tiled: boolean;
  readonly blockWidth: number;
  readonly blockHeight: number;
  readonly blocksAcross: number;
  readonly blocksDown: number;
  /** Place of each block in the file; 0 where the block was never written. */
  readonly offsets: readonly number[];
  /** Bytes of each block. */
  readonly counts: readonly number[];
}

export type SampleFormat = "uint" | "int" | "float";

export const COMPRESSION = {
  none: 1,
  group3: 2,
  fax3: 3,
  fax4: 4,
  lzw: 5,
  jpeg: 7,
  deflate: 8,
  deflateOld: 32946,
  packBits: 32773,
  zstd: 50000,
  webp: 50001,
} as const;

export const PHOTOMETRIC = { minIsWhite: 0, gray: 1, rgb: 2, palette: 3, mask: 4, yCbCr: 6 };

const FORMATS: Readonly<Record<number, SampleFormat>> = {
  1: "uint",
  2: "int",
  3: "float",
  4: "uint",
};
const MEBI = 2 ** 20;
const LARGEST_BLOCK = 256 * MEBI;
const LARGEST_SIDE = 1_000_000;
const SMALL = 64 * MEBI;
const STRONGEST_COMPRESSION = 5000;

/** Reads and checks a layout; throws Error with a reason where the image cannot be read. */
export async function readLayout(
  directory: TiffDirectory,
  source: ByteSource,
): Promise<TiffLayout> {
  const one = async (tag: number, otherwise: number): Promise<number> =>
    (await directory.numbers(tag))[0] ?? otherwise;
  const bits = await directory.numbers(TAG.bits);
  const formats = await directory.numbers(TAG.sampleFormat);
  const [width, height] = [await one(TAG.width, 0), await one(TAG.height, 0)];
  const tileWidth = await one(TAG.tileWidth, 0);
  const tiled = tileWidth > 0;
  const bands = await one(TAG.bands, 1);
  const stripRows = Math.min(height, await one(TAG.stripRows, height));
  const blockWidth = tiled ? tileWidth : width;
  const blockHeight = tiled ? await one(TAG.tileHeight, 0) : stripRows;
  const layout = {
    width,
    height,
    bands,
    bits: bits[0] ?? 1,
    format: FORMATS[formats[0] ?? 1] ?? unsupported(`samples of format ${formats[0]}`),
    littleEndian: directory.littleEndian,
    compression: await one(TAG.compression, COMPRESSION.none),
    predictor: await one(TAG.predictor, 1),
    photometric: await one(TAG.photometric, PHOTOMETRIC.gray),
    fillOrder: await one(TAG.fillOrder, 1),
    separate: bands > 1 && await one(TAG.planar, 1) === 2,
    tiled,
    blockWidth,
    blockHeight,
    blocksAcross: Math.ceil(width / blockWidth),
    blocksDown: Math.ceil(height / blockHeight),
  };
  if (new Set(bits).size > 1) unsupported(`bands of different depths (${bits.join(", ")} bits)`);
  if (new Set(formats).size > 1) unsupported("bands of different sample formats");
  checkSize(layout, source.size);
  checkKind(layout);
  return await locateBlocks(layout, directory, source.size);
}

/** Bytes of one row of a block, each row starting on a whole byte. */
export function rowBytes(
  { blockWidth, bits, bands, separate }: Pick<
    TiffLayout,
    "blockWidth" | "bits" | "bands" | "separate"
  >,
): number {
  return Math.ceil((blockWidth * bits * (separate ? 1 : bands)) / 8);
}

type Shape = Omit<TiffLayout, "offsets" | "counts">;

function checkSize(shape: Shape, fileBytes: number): void {
  const { width, height, bands, bits, blockWidth, blockHeight } = shape;
  if (!(width > 0 && height > 0)) throw new Error(`the image has no pixels (${width}x${height})`);
  if (!(blockWidth > 0 && blockHeight > 0)) throw new Error("its tiles have no size");
  if (width > LARGEST_SIDE || height > LARGEST_SIDE || bands > 65535) {
    throw new Error(`its header declares ${width}x${height} pixels, more than can be read`);
  }
  const declared = (width * height * bands * bits) / 8;
  if (declared > SMALL && declared > fileBytes * STRONGEST_COMPRESSION) {
    throw new Error(
      `its header declares ${width}x${height} pixels, but the file has only ${fileBytes} bytes`,
    );
  }
}

function checkKind(shape: Shape): void {
  const { compression, bits, format, photometric, predictor } = shape;
  const name = COMPRESSION_NAMES[compression];
  if (name === undefined) unsupported(`compression ${RARE[compression] ?? compression}`);
  const [fax, pixels] = [/^CCITT/.test(name), /^(JPEG|WebP)$/.test(name)];
  if ((fax && bits !== 1) || (pixels && bits !== 8)) {
    unsupported(`${name} with ${bits}-bit samples`);
  }
  const depths = format === "float" ? [32, 64] : [1, 2, 4, 8, 16, 32];
  if (!depths.includes(bits)) unsupported(`${bits}-bit ${format} samples`);
  if (photometric === PHOTOMETRIC.yCbCr && name !== "JPEG") {
    unsupported("YCbCr colours without JPEG compression");
  }
  if ([5, 8, 9, 10].includes(photometric)) unsupported("CMYK or Lab colours");
  if (![1, 2, 3].includes(predictor)) unsupported(`predictor ${predictor}`);
  if (predictor === 3 && format !== "float") unsupported("the float predictor on whole numbers");
}

const COMPRESSION_NAMES: Readonly<Record<number, string>> = {
  [COMPRESSION.none]: "none",
  [COMPRESSION.group3]: "CCITT RLE",
  [COMPRESSION.fax3]: "CCITT Group 3",
  [COMPRESSION.fax4]: "CCITT Group 4",
  [COMPRESSION.lzw]: "LZW",
  [COMPRESSION.jpeg]: "JPEG",
  [COMPRESSION.deflate]: "Deflate",
  [COMPRESSION.deflateOld]: "Deflate",
  [COMPRESSION.packBits]: "PackBits",
  [COMPRESSION.zstd]: "ZSTD",
  [COMPRESSION.webp]: "WebP",
};

const RARE: Readonly<Record<number, string>> = {
  6: "old-style JPEG",
  32766: "NeXT",
  32809: "ThunderScan",
  34676: "SGI LogLuv",
  34677: "SGI LogLuv",
  34712: "JPEG 2000",
  34887: "LERC",
  34925: "LZMA",
};

function unsupported(what: string): never {
  throw new Error(`${what} cannot be read`);
}

async function locateBlocks(
  shape: Shape,
  directory: TiffDirectory,
  fileBytes: number,
): Promise<TiffLayout> {
  const { blocksAcross, blocksDown, separate, bands, blockHeight, tiled } = shape;
  const blocks = blocksAcross * blocksDown * (separate ? bands : 1);
  const block = rowBytes(shape) * blockHeight;
  const inTiles = tiled ? await directory.numbers(TAG.tileOffsets) : [];
  const offsets = inTiles.length > 0 ? inTiles : await directory.numbers(TAG.stripOffsets);
  if (offsets.length < blocks) {
    throw new Error(`it needs ${blocks} blocks of pixels, but has ${offsets.length}`);
  }
  if (shape.compression === COMPRESSION.none && !tiled) return sliceRows(shape, offsets);
  if (block > LARGEST_BLOCK) {
    throw new Error(`it keeps ${Math.round(block / MEBI)} MiB of pixels in one compressed block`);
  }
  if (shape.compression === COMPRESSION.none) {
    return { ...shape, offsets, counts: offsets.map(() => block) };
  }
  const counts = await directory.numbers(inTiles.length > 0 ? TAG.tileCounts : TAG.stripCounts);
  if (counts.length >= blocks) return { ...shape, offsets, counts };
  if (blocks > 1) throw new Error("it does not say how many bytes its blocks of pixels have");
  return { ...shape, offsets, counts: offsets.map((offset) => fileBytes - offset) };
}

/** Uncompressed strips are taken row by row: one as high as the image must not fill the memory. */
function sliceRows(shape: Shape, offsets: readonly number[]): TiffLayout {
  const { height, bands, separate, blockHeight, blocksDown } = shape;
  const row = rowBytes(shape);
  const rows = { offsets: new Array<number>(), counts: new Array<number>() };
  for (let plane = 0; plane < (separate ? bands : 1); plane++) {
    for (let y = 0; y < height; y++) {
      const strip = Math.floor(y / blockHeight);
      const offset = offsets[plane * blocksDown + strip] ?? 0;
      rows.offsets.push(offset === 0 ? 0 : offset + (y - strip * blockHeight) * row);
      rows.counts.push(row);
    }
  }
  return { ...shape, ...rows, blockHeight: 1, blocksDown: height };
}
