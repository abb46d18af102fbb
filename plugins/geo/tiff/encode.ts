// Lays out a little-endian TIFF: tags first, then the strips of pixels, whatever they are packed with.

/** How the values of a tag are written. */
export type TagType = "ascii" | "short" | "long" | "double" | "bytes";

/** One tag: its TIFF number, how its values are written, and the values. */
export interface Tag {
  readonly id: number;
  readonly type: TagType;
  readonly values: ArrayLike<number>;
}

/** Numbers of the tags that this project reads or writes. */
export const TAG = {
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
  noData: 42113,
} as const;

const WIRE = {
  ascii: { code: 2, size: 1 },
  short: { code: 3, size: 2 },
  long: { code: 4, size: 4 },
  double: { code: 12, size: 8 },
  bytes: { code: 7, size: 1 },
} as const satisfies Record<TagType, { code: number; size: number }>;

const HEADER = 8;
const ENTRY = 12;

/** Joins tags and already packed strips into a TIFF file; offsets and byte counts are added. */
export function encodeTiff(tags: readonly Tag[], strips: readonly Uint8Array[]): Uint8Array {
  const counts = strips.map((strip) => strip.length);
  const pixels = HEADER + directorySize([...tags, ...stripTags(counts, counts)]);
  const offsets: number[] = [];
  let end = pixels;
  for (const count of counts) {
    offsets.push(end);
    end += count + count % 2;
  }
  const bytes = new Uint8Array(end);
  writeDirectory(bytes, [...tags, ...stripTags(offsets, counts)]);
  strips.forEach((strip, index) => bytes.set(strip, offsets[index]));
  return bytes;
}

function stripTags(offsets: readonly number[], counts: readonly number[]): Tag[] {
  return [
    { id: TAG.stripOffsets, type: "long", values: offsets },
    { id: TAG.stripCounts, type: "long", values: counts },
  ];
}

function directorySize(tags: readonly Tag[]): number {
  return tags.reduce((sum, tag) => sum + outside(tag), 2 + tags.length * ENTRY + 4);
}

/** Bytes that a tag's values take outside its entry, even. */
function outside(tag: Tag): number {
  const size = tag.values.length * WIRE[tag.type].size;
  return size <= 4 ? 0 : size + size % 2;
}

function writeDirectory(bytes: Uint8Array, tags: readonly Tag[]): void {
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0x002a4949, true);
  view.setUint32(4, HEADER, true);
  view.setUint16(HEADER, tags.length, true);
  let free = HEADER + 2 + tags.length * ENTRY + 4;
  tags.toSorted((a, b) => a.id - b.id).forEach((tag, index) => {
    const at = HEADER + 2 + index * ENTRY;
    view.setUint16(at, tag.id, true);
    view.setUint16(at + 2, WIRE[tag.type].code, true);
    view.setUint32(at + 4, tag.values.length, true);
    const inside = outside(tag) === 0;
    if (!inside) view.setUint32(at + 8, free, true);
    writeValues(view, inside ? at + 8 : free, tag);
    free += outside(tag);
  });
}

function writeValues(view: DataView, start: number, tag: Tag): void {
  const size = WIRE[tag.type].size;
  for (let index = 0; index < tag.values.length; index++) {
    const [at, value] = [start + index * size, tag.values[index] ?? 0];
    if (tag.type === "double") view.setFloat64(at, value, true);
    else if (tag.type === "long") view.setUint32(at, value, true);
    else if (tag.type === "short") view.setUint16(at, value, true);
    else view.setUint8(at, value);
  }
}
