// Packs masks as 8-bit grey PNG. Masks are long runs of one value, which Deflate's run-length strategy
// packs better and about eight times faster than what libvips offers.
import { constants, crc32, deflateSync } from "node:zlib";

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const BIT_DEPTH = 8;
const GRAY = 0;

/** Encodes values of shape [height, width] as PNG. */
export function encodeMaskPng(values: Uint8Array, width: number, height: number): Uint8Array {
  const header = new Uint8Array(13);
  const sizes = new DataView(header.buffer);
  sizes.setUint32(0, width);
  sizes.setUint32(4, height);
  header.set([BIT_DEPTH, GRAY], 8);
  // Each row starts with the number of its filter: 0, none.
  const rows = new Uint8Array((width + 1) * height);
  for (let y = 0; y < height; y++) {
    rows.set(values.subarray(y * width, (y + 1) * width), y * (width + 1) + 1);
  }
  const packed = deflateSync(rows, { level: 1, strategy: constants.Z_RLE });
  return join([
    Uint8Array.from(SIGNATURE),
    chunk("IHDR", header),
    chunk("IDAT", packed),
    chunk("IEND", new Uint8Array()),
  ]);
}

function chunk(name: string, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(data.length + 12);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  bytes.set(new TextEncoder().encode(name), 4);
  bytes.set(data, 8);
  view.setUint32(data.length + 8, crc32(bytes.subarray(4, data.length + 8)));
  return bytes;
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let end = 0;
  for (const part of parts) {
    bytes.set(part, end);
    end += part.length;
  }
  return bytes;
}
