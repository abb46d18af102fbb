// The entries of a zip archive, as PyTorch writes it: stored without compression.
import { ByteReader, Unreadable } from "../bytes.ts";

const ENTRY = 0x04034b50;
const DIRECTORY_ENTRY = 0x02014b50;
const DIRECTORY_END = 0x06054b50;
/** Length of the end record, and of the longest comment that may follow it. */
const END_BYTES = 22;
const LONGEST_COMMENT = 0xffff;

/** Says whether bytes begin as those of a zip archive do. */
export function isZip(file: Uint8Array): boolean {
  return file.length >= 4 && new ByteReader(file).uint32() === ENTRY;
}

/** Gives the bytes of every entry by its name, without copying them; throws Unreadable where it cannot. */
export function readZip(file: Uint8Array): Map<string, Uint8Array> {
  const end = new ByteReader(file, endOf(file) + 10);
  const count = end.uint16();
  end.uint32();
  const directory = new ByteReader(file, end.uint32());
  const entries = new Map<string, Uint8Array>();
  for (let index = 0; index < count; index++) {
    const { name, bytes } = readEntry(file, directory);
    entries.set(name, bytes);
  }
  return entries;
}

/** The end record has a fixed length and begins with its mark; only a comment follows it. */
function endOf(file: Uint8Array): number {
  const reader = new ByteReader(file);
  const first = Math.max(0, file.length - END_BYTES - LONGEST_COMMENT);
  for (let at = file.length - END_BYTES; at >= first; at--) {
    reader.at = at;
    if (reader.uint32() === DIRECTORY_END) return at;
  }
  throw new Unreadable("it begins as a zip archive and ends too early");
}

/** Reads a line of the directory, which knows sizes that the entry's own header may not. */
function readEntry(
  file: Uint8Array,
  directory: ByteReader,
): { readonly name: string; readonly bytes: Uint8Array } {
  if (directory.uint32() !== DIRECTORY_ENTRY) throw new Unreadable("its directory is damaged");
  directory.bytes(6);
  const compression = directory.uint16();
  directory.bytes(8);
  const [size] = [directory.uint32(), directory.uint32()];
  const [nameLength, extraLength, commentLength] = [
    directory.uint16(),
    directory.uint16(),
    directory.uint16(),
  ];
  directory.bytes(8);
  const offset = directory.uint32();
  const name = directory.text(nameLength);
  directory.bytes(extraLength + commentLength);
  if (compression !== 0) {
    throw new Unreadable(
      `its entry "${name}" is compressed`,
      "Save it with torch.save, which stores entries as they are",
    );
  }
  const entry = new ByteReader(file, offset);
  if (entry.uint32() !== ENTRY) throw new Unreadable(`its entry "${name}" is damaged`);
  entry.bytes(22);
  const [ownNameLength, ownExtraLength] = [entry.uint16(), entry.uint16()];
  entry.bytes(ownNameLength + ownExtraLength);
  return { name, bytes: entry.bytes(size) };
}
