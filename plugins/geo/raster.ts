// Opens any image file for reading rows of pixels: TIFFs as they are, other formats by way of a plain
// TIFF in a scratch folder, which libvips writes without holding the image in memory.
import sharp from "sharp";
import { StepError } from "../../engine/plugin.ts";
import { type Georeference, readGeoreference, readGeoTags } from "./georeference.ts";
import { readCodecTags } from "./tiff/blocks.ts";
import { type ByteSource, readDirectory } from "./tiff/directory.ts";
import { TAG, type Tag } from "./tiff/encode.ts";
import { PHOTOMETRIC, readLayout, type SampleFormat } from "./tiff/layout.ts";
import { tiffRowsReader } from "./tiff/rows.ts";
import type { Samples } from "./tiff/samples.ts";

/** An open image. Reading memory is bounded by the rows asked for, not by the image. */
export interface Raster extends Georeference, Disposable {
  readonly width: number;
  readonly height: number;
  readonly bands: number;
  /** Bits of a sample, and what they mean. */
  readonly bits: number;
  readonly format: SampleFormat;
  /** `#rrggbb` of each value where the file has a colour table. */
  readonly palette: readonly string[] | null;
  /** Value of pixels without data, where the file declares one. */
  readonly noData: number | null;
  /** Index of the band that says which pixels are opaque, where the file declares one. */
  readonly alpha: number | null;
  /** The file's tags about its place, for other files of the same place. */
  readonly geoTags: readonly Tag[];
  /** Reads rows as [rows, width, bands]; throws StepError where the file is damaged there. */
  readRows(y: number, rows: number): Promise<Samples>;
}

/** Extensions, in small letters, of files that {@link openRaster} reads. */
export const RASTER_EXTENSIONS: readonly string[] = [".tif", ".tiff", ".jpg", ".jpeg", ".png"];

const LARGEST_SIDE = 65_500;

/** Opens an image file; throws StepError, naming the file and the reason, where it cannot be read. */
export async function openRaster(path: string, scratch: string): Promise<Raster> {
  try {
    return /\.tiff?$/i.test(path) ? await openTiff(path, path) : await openOther(path, scratch);
  } catch (error) {
    throw unreadable(path, error);
  }
}

async function openOther(path: string, scratch: string): Promise<Raster> {
  const { width = 0, height = 0, depth, channels } = await sharp(path).metadata();
  if (width > LARGEST_SIDE || height > LARGEST_SIDE) {
    throw new Error(`it has ${width}x${height} pixels, more than can be read`);
  }
  const plain = await Deno.makeTempFile({ dir: scratch, suffix: ".tif" });
  const [gray, deep] = [channels < 3, depth === "ushort"];
  await sharp(path, { limitInputPixels: false, sequentialRead: true, failOn: "error" })
    .toColourspace(deep ? (gray ? "grey16" : "rgb16") : (gray ? "b-w" : "srgb"))
    .tiff({ compression: "none", predictor: "none" })
    .toFile(plain);
  const raster = await openTiff(plain, path);
  return {
    ...raster,
    [Symbol.dispose](): void {
      raster[Symbol.dispose]();
      Deno.removeSync(plain);
    },
  };
}

/** Opens a TIFF whatever it is called; messages name it as `shown`. */
export async function openTiff(path: string, shown: string): Promise<Raster> {
  const file = await Deno.open(path);
  try {
    const source = byteSource(file, (await file.stat()).size);
    const directory = await readDirectory(source);
    const layout = await readLayout(directory, source);
    const reader = tiffRowsReader(layout, await readCodecTags(directory), source);
    const noData = readNoData(await directory.bytes(TAG.noData));
    const [extra] = await directory.numbers(TAG.extraSamples);
    return {
      width: layout.width,
      height: layout.height,
      bands: layout.bands,
      bits: layout.bits,
      format: layout.format,
      palette: toPalette(layout.photometric, await directory.numbers(TAG.palette)),
      noData,
      alpha: extra === 1 || extra === 2 ? layout.bands - 1 : null,
      geoTags: await readGeoTags(directory),
      ...await readGeoreference(directory),
      async readRows(y, rows): Promise<Samples> {
        try {
          return await reader.read(y, rows, noData ?? 0);
        } catch (error) {
          throw unreadable(shown, error, ` at rows ${y} to ${y + rows - 1}`);
        }
      },
      [Symbol.dispose]: () => file.close(),
    };
  } catch (error) {
    file.close();
    throw error;
  }
}

function byteSource(file: Deno.FsFile, size: number): ByteSource {
  return {
    size,
    async read(offset, length): Promise<Uint8Array> {
      if (!(offset >= 0 && length >= 0 && offset + length <= size)) {
        throw new Error(`it points to byte ${offset + length}, but has only ${size}`);
      }
      const bytes = new Uint8Array(length);
      await file.seek(offset, Deno.SeekMode.Start);
      for (let filled = 0; filled < length;) {
        const count = await file.read(bytes.subarray(filled));
        if (count === null) throw new Error("the file shrank while it was read");
        filled += count;
      }
      return bytes;
    },
  };
}

/** GDAL writes the value as text. */
function readNoData(text: Uint8Array | undefined): number | null {
  if (text === undefined) return null;
  const value = new TextDecoder().decode(text).replaceAll("\0", "").trim();
  return value === "" || Number.isNaN(Number(value)) ? null : Number(value);
}

function toPalette(photometric: number, channels: readonly number[]): readonly string[] | null {
  if (photometric !== PHOTOMETRIC.palette || channels.length < 6) return null;
  const size = Math.floor(channels.length / 3);
  const hex = (value = 0): string => (value >> 8).toString(16).padStart(2, "0");
  return Array.from({ length: size }, (_, value) => {
    const [red, green, blue] = [0, 1, 2].map((band) => channels[band * size + value]);
    return `#${hex(red)}${hex(green)}${hex(blue)}`;
  });
}

function unreadable(path: string, error: unknown, where = ""): StepError {
  if (error instanceof StepError) return error;
  const text = error instanceof Error ? error.message : String(error);
  const why = text.replace(/^(?:Input file|tiff2vips|VipsJpeg|pngload): */, "").split("\n")[0];
  return new StepError(`Cannot read "${path}"${where}: ${why}`, {
    hint: "Save the file again with another program, for instance with gdal_translate",
    cause: error,
  });
}
