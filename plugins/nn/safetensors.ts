// Reads and writes safetensors: eight bytes of header length, a JSON header, then the raw elements.

/** A tensor of float32 values. */
export interface NamedTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Tensors by name, in file order. */
export type NamedTensors = Map<string, NamedTensor>;

interface HeaderEntry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

const LENGTH_BYTES = 8;

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

/** Decodes the float32 tensors of a safetensors file; 64-bit integers become floats, others are left out. */
export function decodeSafetensors(file: Uint8Array): NamedTensors {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const headerLength = file.length < LENGTH_BYTES ? NaN : Number(view.getBigUint64(0, true));
  const start = LENGTH_BYTES + headerLength;
  if (!(start <= file.length)) throw new Error("The file is no safetensors file");
  const text = new TextDecoder().decode(file.subarray(LENGTH_BYTES, start));
  // The header was written by a program that keeps the format; offsets are checked below.
  const header = JSON.parse(text) as Record<string, HeaderEntry>;
  const tensors: NamedTensors = new Map();
  for (const [name, entry] of Object.entries(header)) {
    if (name === "__metadata__") continue;
    const [from, to] = entry.data_offsets;
    if (!(from <= to && start + to <= file.length)) {
      throw new Error(`The safetensors file ends before "${name}"`);
    }
    const bytes = file.slice(start + from, start + to);
    const data = elements(entry.dtype, bytes);
    if (data !== undefined) tensors.set(name, { shape: entry.shape, data });
  }
  return tensors;
}

function elements(type: string, bytes: Uint8Array<ArrayBuffer>): Float32Array | undefined {
  if (type === "F32") return new Float32Array(bytes.buffer);
  if (type === "I64") return Float32Array.from(new BigInt64Array(bytes.buffer), Number);
  return undefined;
}
