// The element types that files of weights use, and how they become 32-bit floats.
import { Unreadable } from "./bytes.ts";

/** A tensor in a file: known by its shape, decoded when asked for, since a file may hold more than is wanted. */
export interface StoredTensor {
  readonly shape: readonly number[];
  /** Decodes the elements, in the order of the shape; throws Unreadable where the file lacks them. */
  read(): Float32Array;
}

/** Tensors by name, in file order. */
export type StoredTensors = ReadonlyMap<string, StoredTensor>;

/** How elements lie in bytes: the element at (i, j, …) is at offset + i·strides[0] + j·strides[1] + … */
export interface Strided {
  readonly type: ElementType;
  readonly bytes: Uint8Array;
  readonly shape: readonly number[];
  /** In elements, as the offset. */
  readonly strides: readonly number[];
  readonly offset: number;
}

interface Decoder {
  readonly size: number;
  readonly read: (view: DataView, byte: number) => number;
}

const DECODERS = {
  F64: { size: 8, read: (view, byte) => view.getFloat64(byte, true) },
  F32: { size: 4, read: (view, byte) => view.getFloat32(byte, true) },
  F16: { size: 2, read: (view, byte) => halfFloat(view.getUint16(byte, true)) },
  BF16: { size: 2, read: (view, byte) => brainFloat(view.getUint16(byte, true)) },
  I64: { size: 8, read: (view, byte) => Number(view.getBigInt64(byte, true)) },
  I32: { size: 4, read: (view, byte) => view.getInt32(byte, true) },
  I16: { size: 2, read: (view, byte) => view.getInt16(byte, true) },
  I8: { size: 1, read: (view, byte) => view.getInt8(byte) },
  U8: { size: 1, read: (view, byte) => view.getUint8(byte) },
  BOOL: { size: 1, read: (view, byte) => view.getUint8(byte) },
} as const satisfies Readonly<Record<string, Decoder>>;

/** An element type by its name in safetensors. */
export type ElementType = keyof typeof DECODERS;

/** Says whether a name is that of an element type. */
export function isElementType(name: string): name is ElementType {
  return Object.hasOwn(DECODERS, name);
}

/** Gives the bytes of one element. */
export function elementBytes(type: ElementType): number {
  return DECODERS[type].size;
}

/** Gives the strides of elements without gaps, the last axis fastest. */
export function rowMajor(shape: readonly number[]): number[] {
  const strides = shape.map(() => 1);
  for (let axis = shape.length - 2; axis >= 0; axis--) {
    strides[axis] = strides[axis + 1]! * shape[axis + 1]!;
  }
  return strides;
}

/** Decodes elements in the order of their shape; throws Unreadable where one lies beyond the bytes. */
export function decodeElements({ type, bytes, shape, strides, offset }: Strided): Float32Array {
  const { size, read }: Decoder = DECODERS[type];
  const count = shape.reduce((product, length) => product * length, 1);
  const last = shape.reduce((sum, length, axis) => sum + (length - 1) * strides[axis]!, offset);
  if (count > 0 && (last + 1) * size > bytes.length) throw new Unreadable("it ends too early");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values = new Float32Array(count);
  const place = shape.map(() => 0);
  let from = offset;
  for (let at = 0; at < count; at++) {
    values[at] = read(view, from * size);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis]!;
      if (++place[axis]! < shape[axis]!) break;
      from -= strides[axis]! * shape[axis]!;
      place[axis] = 0;
    }
  }
  return values;
}

/** One bit of sign, five of exponent, ten of fraction. */
function halfFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const [exponent, fraction] = [(bits >> 10) & 0x1f, bits & 0x3ff];
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

const scratch = new DataView(new ArrayBuffer(4));

/** The upper half of a 32-bit float. */
function brainFloat(bits: number): number {
  scratch.setUint32(0, bits << 16);
  return scratch.getFloat32(0);
}
