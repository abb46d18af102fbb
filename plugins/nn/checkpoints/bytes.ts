// Reads bytes in their order, and says so where a file ends too early.

/** Why the bytes of a file cannot be read as weights; who knows the file's name adds it. */
export class Unreadable extends Error {
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}

/** A place in bytes that moves on as numbers are read; all numbers are little-endian unless said. */
export class ByteReader {
  private readonly view: DataView;

  constructor(private readonly file: Uint8Array, public at = 0) {
    this.view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  }

  /** Gives the next bytes without copying them; throws Unreadable where the file ends before. */
  bytes(count: number): Uint8Array {
    const start = this.move(count);
    return this.file.subarray(start, start + count);
  }

  /** Gives the next bytes as text. */
  text(count: number): string {
    return new TextDecoder().decode(this.bytes(count));
  }

  /** Gives the text up to the next line feed, which is passed over. */
  line(): string {
    const end = this.file.indexOf(0x0a, this.at);
    if (end === -1) throw new Unreadable("it ends too early");
    const text = this.text(end - this.at);
    this.at++;
    return text;
  }

  uint8(): number {
    return this.view.getUint8(this.move(1));
  }

  uint16(): number {
    return this.view.getUint16(this.move(2), true);
  }

  uint32(): number {
    return this.view.getUint32(this.move(4), true);
  }

  int32(): number {
    return this.view.getInt32(this.move(4), true);
  }

  /** Gives a count of eight bytes; throws Unreadable where it is greater than numbers can be. */
  count64(): number {
    const value = this.view.getBigInt64(this.move(8), true);
    if (value < 0n || value > BigInt(Number.MAX_SAFE_INTEGER)) {
      throw new Unreadable(`it holds the count ${value}`);
    }
    return Number(value);
  }

  /** Gives a 64-bit float, the most significant byte first. */
  bigEndianFloat64(): number {
    return this.view.getFloat64(this.move(8), false);
  }

  private move(count: number): number {
    const start = this.at;
    if (!(count >= 0 && start >= 0 && start + count <= this.file.length)) {
      throw new Unreadable("it ends too early");
    }
    this.at = start + count;
    return start;
  }
}
