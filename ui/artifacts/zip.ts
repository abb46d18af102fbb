// Writes a zip archive as a stream, its entries stored as they are: pictures and weights do not get smaller.
// Whole headers, so that readers need not look for the end; 64-bit fields where 32 bits do not hold.
// After PKWARE's APPNOTE 6.3.10.
import { crc32 } from "node:zlib";

/** A file of an archive, or an empty folder, whose path ends with "/". */
export interface ZipEntry {
  /** Relative, with "/". */
  readonly path: string;
  readonly sizeBytes: number;
  readonly isExecutable: boolean;
  /** Reads the file anew; it is read twice. */
  readonly read: () => AsyncIterable<Uint8Array>;
}

/** An archive that is made while it is read. */
export interface Zip {
  readonly sizeBytes: number;
  readonly stream: ReadableStream<Uint8Array>;
}

const MOST_32 = 0xffffffff;
const MOST_16 = 0xffff;
const VERSION_64 = 45;
const MADE_BY_UNIX = 3 << 8;
const NAMES_ARE_UTF8 = 1 << 11;
/** 1 January 1980: artifacts have no times. */
const DATE = 0x21;
const MODES = { folder: 0o40755, file: 0o100644, executable: 0o100755 } as const;

/** Makes an archive; its size is known before a file is read. */
export function zipOf(entries: readonly ZipEntry[]): Zip {
  let offset = 0;
  const placed = entries.map((entry): Placed => {
    const place = { entry, name: new TextEncoder().encode(entry.path), offset, crc: 0 };
    offset += localHeader(place).length + entry.sizeBytes;
    return place;
  });
  const directoryBytes = placed.reduce((sum, place) => sum + directoryEntry(place).length, 0);
  const end = endOf({ count: placed.length, offset, directoryBytes });
  return {
    sizeBytes: offset + directoryBytes + end.length,
    stream: ReadableStream.from(piecesOf(placed, end)),
  };
}

interface Placed {
  readonly entry: ZipEntry;
  readonly name: Uint8Array;
  readonly offset: number;
  crc: number;
}

async function* piecesOf(placed: readonly Placed[], end: Uint8Array): AsyncGenerator<Uint8Array> {
  for (const place of placed) {
    const { path, sizeBytes, read } = place.entry;
    for await (const piece of read()) place.crc = crc32(piece, place.crc);
    yield localHeader(place);
    let sent = 0;
    for await (const piece of read()) {
      sent += piece.length;
      yield piece;
    }
    if (sent !== sizeBytes) throw new Error(`"${path}" changed while it was read`);
  }
  for (const place of placed) yield directoryEntry(place);
  yield end;
}

function localHeader({ entry: { sizeBytes }, name, crc }: Placed): Uint8Array {
  const isLarge = sizeBytes >= MOST_32;
  const size = isLarge ? MOST_32 : sizeBytes;
  const extra = extraField(isLarge ? [sizeBytes, sizeBytes] : []);
  return fields([
    [4, 0x04034b50],
    ...commonFields({ crc, size, name, extra }),
  ], [name, extra]);
}

function directoryEntry({ entry, name, offset, crc }: Placed): Uint8Array {
  const { sizeBytes } = entry;
  const isLarge = sizeBytes >= MOST_32;
  const isFar = offset >= MOST_32;
  const size = isLarge ? MOST_32 : sizeBytes;
  const extra = extraField([
    ...(isLarge ? [sizeBytes, sizeBytes] : []),
    ...(isFar ? [offset] : []),
  ]);
  return fields([
    [4, 0x02014b50],
    [2, MADE_BY_UNIX | VERSION_64],
    ...commonFields({ crc, size, name, extra }),
    [2, 0], // length of a comment
    [2, 0], // disk
    [2, 0], // bytes, not text
    [4, modeOf(entry) * 2 ** 16],
    [4, isFar ? MOST_32 : offset],
  ], [name, extra]);
}

type Field = readonly [bytes: 2 | 4 | 8, value: number];

function commonFields(
  { crc, size, name, extra }: { crc: number; size: number; name: Uint8Array; extra: Uint8Array },
): readonly Field[] {
  return [
    [2, VERSION_64],
    [2, NAMES_ARE_UTF8],
    [2, 0], // stored
    [2, 0], // time
    [2, DATE],
    [4, crc],
    [4, size],
    [4, size],
    [2, name.length],
    [2, extra.length],
  ];
}

/** The values that 32 bits do not hold. */
function extraField(values: readonly number[]): Uint8Array {
  if (values.length === 0) return new Uint8Array();
  return fields([[2, 1], [2, 8 * values.length], ...values.map((value): Field => [8, value])]);
}

function endOf(
  { count, offset, directoryBytes }: { count: number; offset: number; directoryBytes: number },
): Uint8Array {
  const is64 = count >= MOST_16 || offset >= MOST_32 || directoryBytes >= MOST_32;
  const most16 = is64 ? MOST_16 : count;
  const end = fields([
    [4, 0x06054b50],
    [4, 0], // disks
    [2, most16],
    [2, most16],
    [4, is64 ? MOST_32 : directoryBytes],
    [4, is64 ? MOST_32 : offset],
    [2, 0], // length of a comment
  ]);
  if (!is64) return end;
  const end64 = fields([
    [4, 0x06064b50],
    [8, 44], // bytes that follow
    [2, MADE_BY_UNIX | VERSION_64],
    [2, VERSION_64],
    [8, 0], // disks
    [8, count],
    [8, count],
    [8, directoryBytes],
    [8, offset],
  ]);
  const locator = fields([[4, 0x07064b50], [4, 0], [8, offset + directoryBytes], [4, 1]]);
  return joined([end64, locator, end]);
}

function modeOf({ path, isExecutable }: ZipEntry): number {
  return path.endsWith("/") ? MODES.folder : isExecutable ? MODES.executable : MODES.file;
}

/** Numbers as little-endian bytes, with what follows them. */
function fields(numbers: readonly Field[], rest: readonly Uint8Array[] = []): Uint8Array {
  const bytes = new Uint8Array(numbers.reduce((sum, [length]) => sum + length, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const [length, value] of numbers) {
    if (length === 2) view.setUint16(at, value, true);
    else if (length === 4) view.setUint32(at, value, true);
    else view.setBigUint64(at, BigInt(value), true);
    at += length;
  }
  return joined([bytes, ...rest]);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
