// PyTorch's two file formats: a zip archive of one pickle and its storages, and the older stream of five
// pickles with the storages behind.
import { ByteReader, Unreadable } from "../bytes.ts";
import { elementBytes } from "../elements.ts";
import { unpickle } from "./pickle.ts";
import { type Storage, torchSurroundings } from "./tensors.ts";
import { isZip, readZip } from "./zip.ts";

/** The first pickle of the older format holds this number; here as its first bytes. */
const STREAM_START = [
  0x80,
  2,
  0x8a,
  10,
  0x6c,
  0xfc,
  0x9c,
  0x46,
  0xf9,
  0x20,
  0x6a,
  0xa8,
  0x50,
  0x19,
];

/** Says whether bytes begin as torch.save's do. */
export function isTorchFile(file: Uint8Array): boolean {
  return isZip(file) || STREAM_START.every((byte, at) => file[at] === byte);
}

/** Gives what was saved, with tensors that are decoded when they are read; throws Unreadable. */
export function readTorchFile(file: Uint8Array): unknown {
  return isZip(file) ? readArchive(file) : readStream(file);
}

function readArchive(file: Uint8Array): unknown {
  const entries = readZip(file);
  const main = [...entries].find(([name]) => /^([^/]*\/)?data\.pkl$/.test(name));
  if (main === undefined) {
    throw new Unreadable(
      'it is a zip archive without "data.pkl"',
      "Save it with torch.save(model.state_dict(), path)",
    );
  }
  const [name, pickle] = main;
  const folder = name.slice(0, -"data.pkl".length);
  const order = entries.get(`${folder}byteorder`);
  requireLittleEndian(order === undefined || new TextDecoder().decode(order) === "little");
  const find = ({ key }: Storage): Uint8Array => {
    const bytes = entries.get(`${folder}data/${key}`);
    if (bytes === undefined) throw new Unreadable(`its storage "${key}" is missing`);
    return bytes;
  };
  return unpickle(new ByteReader(pickle), torchSurroundings(find));
}

/** Magic number, version, facts of the machine, what was saved, keys of the storages; then these. */
function readStream(file: Uint8Array): unknown {
  const reader = new ByteReader(file);
  const storages = new Map<string, Storage>();
  const places = new Map<string, Uint8Array>();
  const known = torchSurroundings(({ key }) => {
    const bytes = places.get(key);
    if (bytes === undefined) throw new Unreadable(`its storage "${key}" is missing`);
    return bytes;
  });
  const persistent = (id: unknown): Storage => {
    // The surroundings of checkpoints give nothing but storages.
    const storage = known.persistent(id) as Storage;
    storages.set(storage.key, storage);
    return storage;
  };
  const next = (): unknown => unpickle(reader, { ...known, persistent });
  const [, , machine] = [next(), next(), next()];
  requireLittleEndian(machine instanceof Map && machine.get("little_endian") === true);
  const saved = next();
  const keys = next();
  if (!Array.isArray(keys)) throw new Unreadable("it does not list its storages");
  for (const key of keys) {
    const storage = storages.get(key);
    if (storage === undefined) throw new Unreadable("one of its storages belongs to no tensor");
    places.set(storage.key, reader.bytes(reader.count64() * elementBytes(storage.type)));
  }
  return saved;
}

function requireLittleEndian(holds: boolean): void {
  if (!holds) throw new Unreadable("it was saved with the most significant byte first");
}
