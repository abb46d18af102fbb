// Lays out little-endian TIFFs: directories of tags, and small files of tags first, then strips of
// pixels, whatever they are packed with.

/** How the values of a tag are written. */
export type TagType = "ascii" | "short" | "long" | "double" | "bytes" | "long64";

/** One tag: its TIFF number, how its values are written, and the values. */
export interface Tag {
  readonly id: number;
  readonly type: TagType;
  readonly values: ArrayLike<number>;
}

/** Numbers of the tags that this project reads or writes. */
export const TAG = {
  subfile: 254,
  width: 256,
  height: 257,
  bits: 258,
  compression: 259,
  photometric: 262,
  fillOrder: 266,
  stripOffsets: 273,
  bands: 277,
  stripRows: 278,
  stripCounts: 279,
  planar: 284,
  group3Options: 292,
  predictor: 317,
  palette: 320,
  tileWidth: 322,
  tileHeight: 323,
  tileOffsets: 324,
  tileCounts: 325,
  extraSamples: 338,
  sampleFormat: 339,
  jpegTables: 347,
  chromaSubsampling: 530,
  pixelScale: 33550,
  tiepoint: 33922,
  transformation: 34264,
  geoKeys: 34735,
  geoDoubles: 34736,
  geoText: 34737,
  gdalMetadata: 42112,
  noData: 42113,
} as const;

const WIRE = {
  ascii: { code: 2, size: 1 },
  short: { code: 3, size: 2 },
  long: { code: 4, size: 4 },
  double: { code: 12, size: 8 },
  bytes: { code: 7, size: 1 },
  long64: { code: 16, size: 8 },
} as const satisfies Record<TagType, { code: number; size: number }>;

const HEADER = 8;

/** Joins tags and already packed strips into a TIFF file; offsets and byte counts are added. */
export function encodeTiff(tags: readonly Tag[], strips: readonly Uint8Array[]): Uint8Array {
  const counts = strips.map((strip) => strip.length);
  const pixels = HEADER + directoryBytes([...tags, ...stripTags(counts, counts)], CLASSIC);
  const offsets: number[] = [];
  let end = pixels;
  for (const count of counts) {
    offsets.push(end);
    end += count + count % 2;
  }
  const bytes = new Uint8Array(end);
  bytes.set(encodeHeader(HEADER, false));
  const place = { at: HEADER, last: true, big: false };
  bytes.set(encodeDirectory([...tags, ...stripTags(offsets, counts)], place), HEADER);
  strips.forEach((strip, index) => bytes.set(strip, offsets[index]));
  return bytes;
}

function stripTags(offsets: readonly number[], counts: readonly number[]): Tag[] {
  return [
    { id: TAG.stripOffsets, type: "long", values: offsets },
    { id: TAG.stripCounts, type: "long", values: counts },
  ];
}

/** Encodes what a file starts with: the byte order, the kind of TIFF and where its first directory is. */
export function encodeHeader(directory: number, big: boolean): Uint8Array {
  const bytes = new Uint8Array(big ? 16 : HEADER);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, big ? 0x002b4949 : 0x002a4949, true);
  if (big) {
    view.setUint32(4, 8, true); // bytes of an offset
    view.setBigUint64(8, BigInt(directory), true);
  } else {
    view.setUint32(4, directory, true);
  }
  return bytes;
}

/** Where a directory comes to lie; another one follows right behind it unless it is the last. */
export interface DirectoryPlace {
  readonly at: number;
  readonly last: boolean;
  /** In a BigTIFF, whose offsets have 64 bits. */
  readonly big: boolean;
}

/** Bytes of the parts of a directory; a value may stand inside its entry if it fits. */
interface DirectoryShape {
  readonly count: number;
  readonly entry: number;
  readonly inside: number;
}

const CLASSIC: DirectoryShape = { count: 2, entry: 12, inside: 4 };
const BIG: DirectoryShape = { count: 8, entry: 20, inside: 8 };

/** Encodes a directory and, behind it, the values that do not fit into its entries; even in length. */
export function encodeDirectory(
  tags: readonly Tag[],
  { at, last, big }: DirectoryPlace,
): Uint8Array {
  const shape = big ? BIG : CLASSIC;
  const bytes = new Uint8Array(directoryBytes(tags, shape));
  const view = new DataView(bytes.buffer);
  const setSize = (place: number, value: number): void =>
    big ? view.setBigUint64(place, BigInt(value), true) : view.setUint32(place, value, true);
  view.setUint16(0, tags.length, true); // the upper bytes of a BigTIFF's count stay 0
  const end = shape.count + tags.length * shape.entry;
  setSize(end, last ? 0 : at + bytes.length);
  let free = end + shape.inside;
  tags.toSorted((a, b) => a.id - b.id).forEach((tag, index) => {
    const entry = shape.count + index * shape.entry;
    const value = entry + shape.entry - shape.inside;
    view.setUint16(entry, tag.id, true);
    view.setUint16(entry + 2, WIRE[tag.type].code, true);
    setSize(entry + 4, tag.values.length);
    const outside = bytesOutside(tag, shape);
    if (outside > 0) setSize(value, at + free);
    writeValues(view, outside > 0 ? free : value, tag);
    free += outside;
  });
  return bytes;
}

function directoryBytes(tags: readonly Tag[], shape: DirectoryShape): number {
  const entries = shape.count + tags.length * shape.entry + shape.inside;
  return tags.reduce((sum, tag) => sum + bytesOutside(tag, shape), entries);
}

/** Bytes that a tag's values take outside its entry, even. */
function bytesOutside(tag: Tag, { inside }: DirectoryShape): number {
  const size = tag.values.length * WIRE[tag.type].size;
  return size <= inside ? 0 : size + size % 2;
}

function writeValues(view: DataView, start: number, tag: Tag): void {
  const size = WIRE[tag.type].size;
  for (let index = 0; index < tag.values.length; index++) {
    const [at, value] = [start + index * size, tag.values[index] ?? 0];
    if (tag.type === "double") view.setFloat64(at, value, true);
    else if (tag.type === "long64") view.setBigUint64(at, BigInt(value), true);
    else if (tag.type === "long") view.setUint32(at, value, true);
    else if (tag.type === "short") view.setUint16(at, value, true);
    else view.setUint8(at, value);
  }
}
