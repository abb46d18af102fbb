// Writes Protocol Buffers messages, as far as ONNX files need them.

const LENGTH_DELIMITED = 2;
const FIXED_32 = 5;
const encoder = new TextEncoder();

/** A message under construction; fields are appended in the order of the calls. */
export class ProtobufWriter {
  private readonly chunks: Uint8Array[] = [];
  private length = 0;

  /** Appends an integer field; negative numbers take ten bytes, as the format wants. */
  integer(field: number, value: number): this {
    return this.append(varint(tag(field, 0))).append(varint(value));
  }

  /** Appends a 32-bit float field. */
  float(field: number, value: number): this {
    const bytes = new Uint8Array(Float32Array.of(value).buffer);
    return this.append(varint(tag(field, FIXED_32))).append(bytes);
  }

  /** Appends a field of raw bytes; the array is kept, not copied. */
  bytes(field: number, value: Uint8Array): this {
    return this.append(varint(tag(field, LENGTH_DELIMITED))).append(varint(value.length))
      .append(value);
  }

  /** Appends a text field. */
  text(field: number, value: string): this {
    return this.bytes(field, encoder.encode(value));
  }

  /** Appends a nested message that `write` fills. */
  message(field: number, write: (inner: ProtobufWriter) => void): this {
    const inner = new ProtobufWriter();
    write(inner);
    this.append(varint(tag(field, LENGTH_DELIMITED))).append(varint(inner.length));
    for (const chunk of inner.chunks) this.append(chunk);
    return this;
  }

  /** Joins all that was written. */
  finish(): Uint8Array {
    const whole = new Uint8Array(this.length);
    let offset = 0;
    for (const chunk of this.chunks) {
      whole.set(chunk, offset);
      offset += chunk.length;
    }
    return whole;
  }

  private append(chunk: Uint8Array): this {
    this.chunks.push(chunk);
    this.length += chunk.length;
    return this;
  }
}

function tag(field: number, wireType: number): number {
  return field * 8 + wireType;
}

/** Seven bits per byte, least significant first; the top bit says that more follow. */
function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  while (rest > 127n) {
    bytes.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}
