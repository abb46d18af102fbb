// Reads and writes safetensors: eight bytes of header length, a JSON header, then the raw elements.
import { z } from "../../engine/plugin.ts";
import { ByteReader, Unreadable } from "./checkpoints/bytes.ts";
import {
  decodeElements,
  elementBytes,
  isElementType,
  rowMajor,
  type StoredTensor,
  type StoredTensors,
} from "./checkpoints/elements.ts";

/** A tensor of float32 values. */
export interface NamedTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Tensors by name, in file order. */
export type NamedTensors = Map<string, NamedTensor>;

const count = z.int().min(0);

const headerEntry = z.object({
  dtype: z.string(),
  shape: z.array(count),
  data_offsets: z.tuple([count, count]),
});

type HeaderEntry = z.output<typeof headerEntry>;

const LENGTH_BYTES = 8;
const OPENING_BRACE = "{".charCodeAt(0);

/** Encodes tensors as a safetensors file; `metadata` is free text by name. */
export function encodeSafetensors(
  tensors: NamedTensors,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const header: Record<string, unknown> = { __metadata__: metadata };
  let end = 0;
  for (const [name, { shape, data }] of tensors) {
    const start = end;
    end += data.byteLength;
    header[name] = { dtype: "F32", shape, data_offsets: [start, end] };
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  // Spaces after the JSON let the elements begin at a multiple of eight bytes.
  const headerLength = Math.ceil(json.length / 8) * 8;
  const file = new Uint8Array(LENGTH_BYTES + headerLength + end);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerLength), true);
  file.fill(0x20, LENGTH_BYTES, LENGTH_BYTES + headerLength);
  file.set(json, LENGTH_BYTES);
  let offset = LENGTH_BYTES + headerLength;
  for (const { data } of tensors.values()) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), offset);
    offset += data.byteLength;
  }
  return file;
}

/** Says whether bytes begin as a safetensors file does: a header that fits and is JSON. */
export function isSafetensors(file: Uint8Array): boolean {
  return file.length > LENGTH_BYTES && file[LENGTH_BYTES] === OPENING_BRACE;
}

/** Reads the header; elements of any type become floats when they are read. Throws Unreadable. */
export function decodeSafetensors(file: Uint8Array): StoredTensors {
  const reader = new ByteReader(file);
  const header = parseHeader(reader.text(reader.count64()));
  const elements = file.subarray(reader.at);
  const tensors = new Map<string, StoredTensor>();
  for (const [name, value] of Object.entries(header)) {
    if (name === "__metadata__") continue;
    const entry = headerEntry.safeParse(value);
    if (!entry.success) throw new Unreadable(`its header describes "${name}" in an unknown way`);
    tensors.set(name, stored(name, entry.data, elements));
  }
  return tensors;
}

function parseHeader(text: string): object {
  try {
    const header: unknown = JSON.parse(text);
    if (typeof header === "object" && header !== null) return header;
  } catch {
    // Said below.
  }
  throw new Unreadable("its header is damaged");
}

function stored(name: string, entry: HeaderEntry, elements: Uint8Array): StoredTensor {
  const { dtype: type, shape, data_offsets: [start, end] } = entry;
  if (end > elements.length) throw new Unreadable(`it ends before "${name}"`);
  return {
    shape,
    read: () => {
      if (!isElementType(type)) throw new Unreadable(`"${name}" has elements of type "${type}"`);
      const bytes = elements.subarray(start, end);
      const length = shape.reduce((product, edge) => product * edge, elementBytes(type));
      if (length !== bytes.length) {
        throw new Unreadable(`"${name}" has other bytes than its shape needs`);
      }
      return decodeElements({ type, bytes, shape, strides: rowMajor(shape), offset: 0 });
    },
  };
}
