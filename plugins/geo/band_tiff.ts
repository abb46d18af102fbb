// The TIFF that tiles with an unusual number of bands are kept in: little-endian, 8-bit, band after
// band, one Deflate strip per band. Any GIS opens it; reading it back is one inflate per band.
import { promisify } from "node:util";
import { deflate, inflateSync } from "node:zlib";
import { encodeTiff, TAG } from "./tiff/encode.ts";
import { COMPRESSION, PHOTOMETRIC } from "./tiff/layout.ts";

/** Pixels as [bands, height, width]. */
export interface BandPixels {
  readonly width: number;
  readonly height: number;
  readonly bands: number;
  readonly data: Uint8Array;
}

const PLANAR_SEPARATE = 2;

const pack = promisify(deflate);

/** Packs pixels into this format, the bands side by side. */
export async function encodeBandTiff(pixels: BandPixels): Promise<Uint8Array> {
  const { width, height, bands, data } = pixels;
  const size = width * height;
  const strips = await Promise.all(
    Array.from({ length: bands }, (_, band) => pack(data.subarray(band * size, (band + 1) * size))),
  );
  const extra = Array.from({ length: bands - 1 }, () => 0);
  return encodeTiff([
    { id: TAG.width, type: "long", values: [width] },
    { id: TAG.height, type: "long", values: [height] },
    { id: TAG.bits, type: "short", values: Array.from({ length: bands }, () => 8) },
    { id: TAG.compression, type: "short", values: [COMPRESSION.deflate] },
    { id: TAG.photometric, type: "short", values: [PHOTOMETRIC.gray] },
    { id: TAG.bands, type: "short", values: [bands] },
    { id: TAG.stripRows, type: "long", values: [height] },
    { id: TAG.planar, type: "short", values: [PLANAR_SEPARATE] },
    ...(bands === 1 ? [] : [{ id: TAG.extraSamples, type: "short" as const, values: extra }]),
  ], strips);
}

/** Reads the bytes of a file in this format; throws Error where they are another kind of TIFF. */
export function decodeBandTiff(bytes: Uint8Array): BandPixels {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0, true) !== 0x002a4949) throw new Error("not a little-endian TIFF");
  const directory = readDirectory(view);
  const one = (tag: number): number => directory.get(tag)?.[0] ?? 0;
  const [width, height, bands] = [one(TAG.width), one(TAG.height), one(TAG.bands)];
  const offsets = directory.get(TAG.stripOffsets) ?? [];
  const counts = directory.get(TAG.stripCounts) ?? [];
  if (
    one(TAG.compression) !== COMPRESSION.deflate || offsets.length !== bands ||
    counts.length !== bands
  ) {
    throw new Error("not a TIFF of one Deflate strip per band");
  }
  const size = width * height;
  const data = new Uint8Array(bands * size);
  offsets.forEach((offset, band) => {
    const strip = bytes.subarray(offset, offset + (counts[band] ?? 0));
    const plane = inflateSync(strip, { maxOutputLength: size });
    if (plane.length !== size) throw new Error(`band ${band} is cut short`);
    data.set(plane, band * size);
  });
  return { width, height, bands, data };
}

function readDirectory(view: DataView): Map<number, number[]> {
  const start = view.getUint32(4, true);
  const directory = new Map<number, number[]>();
  for (let entry = 0; entry < view.getUint16(start, true); entry++) {
    const at = start + 2 + entry * 12;
    const size = ({ 3: 2, 4: 4 } as Record<number, number>)[view.getUint16(at + 2, true)];
    if (size === undefined) continue;
    const count = view.getUint32(at + 4, true);
    const values = count * size <= 4 ? at + 8 : view.getUint32(at + 8, true);
    const read = (index: number): number =>
      size === 2
        ? view.getUint16(values + index * 2, true)
        : view.getUint32(values + index * 4, true);
    directory.set(view.getUint16(at, true), Array.from({ length: count }, (_, i) => read(i)));
  }
  return directory;
}
