// Turns unpacked bytes of TIFF blocks into numbers: byte order, bits, and the predictors' differences.
import { rowBytes, type TiffLayout } from "./layout.ts";

/** Samples as they stand in the file; less than 8 bits become one byte each. */
export type Samples =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array;

type Kind = Pick<TiffLayout, "bits" | "format">;

const ARRAYS = {
  uint8: Uint8Array,
  int8: Int8Array,
  uint16: Uint16Array,
  int16: Int16Array,
  uint32: Uint32Array,
  int32: Int32Array,
  float32: Float32Array,
  float64: Float64Array,
} as const;

/** Makes an array of zeros for samples of a kind. */
export function newSamples(kind: Kind, length: number): Samples {
  return new ARRAYS[arrayName(kind)](length);
}

/** Reads samples of shape [rows, blockWidth, bands of a block] from unpacked bytes. */
export function toSamples(layout: TiffLayout, bytes: Uint8Array, rows: number): Samples {
  const { bits, predictor, littleEndian, blockWidth, separate } = layout;
  const bands = separate ? 1 : layout.bands;
  if (bits < 8) return spreadBits(layout, bytes, rows);
  if (predictor === 3) {
    return fromBytes(
      layout,
      integrateFloats(bytes, { row: rowBytes(layout), bands, size: bits / 8 }),
    );
  }
  if (!littleEndian && bits > 8) swap(bytes, bits / 8);
  const samples = fromBytes(layout, bytes);
  if (predictor === 2) integrate(samples, blockWidth * bands, bands);
  return samples;
}

function arrayName({ bits, format }: Kind): keyof typeof ARRAYS {
  const name = `${format}${Math.max(8, bits)}`;
  if (name in ARRAYS) return name as keyof typeof ARRAYS; // the line above makes it one of the keys
  throw new Error(`${bits}-bit ${format} samples cannot be read`);
}

function fromBytes(kind: Kind, bytes: Uint8Array): Samples {
  const array = ARRAYS[arrayName(kind)];
  const aligned = bytes.byteOffset % array.BYTES_PER_ELEMENT === 0 ? bytes : bytes.slice();
  const length = aligned.length / array.BYTES_PER_ELEMENT;
  return new array(aligned.buffer as ArrayBuffer, aligned.byteOffset, length); // never shared memory
}

function spreadBits(layout: TiffLayout, bytes: Uint8Array, rows: number): Uint8Array {
  const { bits, blockWidth, separate } = layout;
  const row = rowBytes(layout);
  const perRow = blockWidth * (separate ? 1 : layout.bands);
  const samples = new Uint8Array(rows * perRow);
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < perRow; x++) {
      const byte = bytes[y * row + ((x * bits) >> 3)] ?? 0;
      const shift = 8 - bits - ((x * bits) & 7);
      samples[y * perRow + x] = (byte >> shift) & ((1 << bits) - 1);
    }
  }
  return samples;
}

function swap(bytes: Uint8Array, size: number): void {
  for (let at = 0; at + size <= bytes.length; at += size) bytes.subarray(at, at + size).reverse();
}

/** Undoes the horizontal predictor: each sample was stored as the difference from the pixel before. */
function integrate(samples: Samples, row: number, bands: number): void {
  for (let start = 0; start < samples.length; start += row) {
    for (let at = start + bands; at < start + row; at++) {
      samples[at] = (samples[at] ?? 0) + (samples[at - bands] ?? 0);
    }
  }
}

/** Undoes the float predictor: rows of byte differences, most significant bytes of all samples first. */
function integrateFloats(
  bytes: Uint8Array,
  { row, bands, size }: { readonly row: number; readonly bands: number; readonly size: number },
): Uint8Array {
  const restored = new Uint8Array(bytes.length);
  const count = row / size;
  for (let start = 0; start < bytes.length; start += row) {
    for (let at = start + bands; at < start + row; at++) {
      bytes[at] = (bytes[at] ?? 0) + (bytes[at - bands] ?? 0);
    }
    for (let sample = 0; sample < count; sample++) {
      for (let byte = 0; byte < size; byte++) {
        restored[start + sample * size + byte] =
          bytes[start + (size - 1 - byte) * count + sample] ??
            0;
      }
    }
  }
  return restored;
}
