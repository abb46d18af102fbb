// The checksum of journal lines, as gzip and PNG use it. Node's own comes with all of zlib, which takes longer
// to load than a short run has.

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit++) {
    remainder = remainder & 1 ? (remainder >>> 1) ^ 0xedb88320 : remainder >>> 1;
  }
  return remainder;
});

/** CRC-32 of bytes, as an unsigned number. */
export function crc32(bytes: Uint8Array): number {
  let remainder = 0xffffffff;
  for (let at = 0; at < bytes.length; at++) { // several times as fast as an iterator
    remainder = (remainder >>> 8) ^ TABLE[(remainder ^ bytes[at]!) & 0xff]!;
  }
  return (remainder ^ 0xffffffff) >>> 0;
}
