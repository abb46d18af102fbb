// Reads the first directory of a TIFF or BigTIFF file: tags and their values, nothing of the pixels.
// Every length is checked against the file before anything is allocated.

/** Bytes at a place; fails where the file ends before. */
export interface ByteSource {
  readonly size: number;
  read(offset: number, length: number): Promise<Uint8Array>;
}

/** The tags of one image in a TIFF file. */
export interface TiffDirectory {
  readonly littleEndian: boolean;
  /** All values of a numeric tag; empty where the tag is absent. */
  numbers(tag: number): Promise<readonly number[]>;
  /** Values of a tag as they stand in the file; undefined where it is absent. */
  bytes(tag: number): Promise<Uint8Array | undefined>;
}

interface Entry {
  readonly type: number;
  readonly count: number;
  /** Where the values start in the file. */
  readonly offset: number;
}

const SIZES: Readonly<Record<number, number>> = {
  1: 1,
  2: 1,
  3: 2,
  4: 4,
  5: 8,
  6: 1,
  7: 1,
  8: 2,
  9: 4,
  10: 8,
  11: 4,
  12: 8,
  13: 4,
  16: 8,
  17: 8,
  18: 8,
};

/** Reads the first directory; throws Error with a reason where the file is no sound TIFF. */
export async function readDirectory(source: ByteSource): Promise<TiffDirectory> {
  const head = view(await source.read(0, Math.min(16, source.size)));
  if (head.byteLength < 8) throw new Error("the file is too short to be a TIFF");
  const littleEndian = head.getUint16(0, true) === 0x4949;
  const magic = head.getUint16(2, littleEndian);
  const big = magic === 43;
  if (!big && magic !== 42) throw new Error("the file does not start as a TIFF does");
  if (big && head.byteLength < 16) throw new Error("the file is too short to be a BigTIFF");
  const start = big ? long64(head, 8, littleEndian) : head.getUint32(4, littleEndian);
  const entries = await readEntries(source, { start, littleEndian, big });
  const bytes = async (tag: number): Promise<Uint8Array | undefined> => {
    const entry = entries.get(tag);
    const size = SIZES[entry?.type ?? 0];
    if (entry === undefined || size === undefined) return undefined;
    return await source.read(entry.offset, entry.count * size);
  };
  return {
    littleEndian,
    bytes,
    async numbers(tag): Promise<readonly number[]> {
      const entry = entries.get(tag);
      const raw = await bytes(tag);
      if (entry === undefined || raw === undefined) return [];
      return decodeNumbers(view(raw), entry, littleEndian);
    },
  };
}

interface DirectoryPlace {
  readonly start: number;
  readonly littleEndian: boolean;
  readonly big: boolean;
}

async function readEntries(
  source: ByteSource,
  { start, littleEndian, big }: DirectoryPlace,
): Promise<Map<number, Entry>> {
  const [countSize, entrySize, inline] = big ? [8, 20, 8] : [2, 12, 4];
  const counted = view(await source.read(start, countSize));
  const count = big ? long64(counted, 0, littleEndian) : counted.getUint16(0, littleEndian);
  const table = view(await source.read(start + countSize, count * entrySize));
  const entries = new Map<number, Entry>();
  for (let at = 0; at < table.byteLength; at += entrySize) {
    const type = table.getUint16(at + 2, littleEndian);
    const values = big
      ? long64(table, at + 4, littleEndian)
      : table.getUint32(at + 4, littleEndian);
    const place = at + entrySize - inline;
    const outside = values * (SIZES[type] ?? 1) > inline;
    const pointer = big
      ? long64
      : (v: DataView, p: number, l: boolean): number => v.getUint32(p, l);
    entries.set(table.getUint16(at, littleEndian), {
      type,
      count: values,
      offset: outside ? pointer(table, place, littleEndian) : start + countSize + place,
    });
  }
  return entries;
}

function decodeNumbers(values: DataView, { type, count }: Entry, little: boolean): number[] {
  const size = SIZES[type] ?? 1;
  return Array.from(
    { length: count },
    (_, index) => decodeNumber(values, index * size, type, little),
  );
}

function decodeNumber(values: DataView, at: number, type: number, little: boolean): number {
  switch (type) {
    case 3:
      return values.getUint16(at, little);
    case 4:
    case 13:
      return values.getUint32(at, little);
    case 5:
      return values.getUint32(at, little) / values.getUint32(at + 4, little);
    case 6:
      return values.getInt8(at);
    case 8:
      return values.getInt16(at, little);
    case 9:
      return values.getInt32(at, little);
    case 10:
      return values.getInt32(at, little) / values.getInt32(at + 4, little);
    case 11:
      return values.getFloat32(at, little);
    case 12:
      return values.getFloat64(at, little);
    case 16:
    case 17:
    case 18:
      return long64(values, at, little);
    default:
      return values.getUint8(at);
  }
}

function long64(values: DataView, at: number, littleEndian: boolean): number {
  return Number(values.getBigUint64(at, littleEndian));
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
