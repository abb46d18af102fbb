// Runs a trained model on images of any size.
import { type ModelCard, readModelCard } from "./model_artifact.ts";
import { createSession, type Session, type Tensor, tensorMaker } from "./runtime.ts";

/** Number and size of images. */
export interface ImageShape {
  readonly count: number;
  readonly height: number;
  readonly width: number;
}

/** What the network says of images whose padding is still on: rows and columns beyond are to be ignored. */
export interface Logits {
  /** Shape [count, classes, rows, columns]. */
  readonly data: Float32Array;
  readonly rows: number;
  readonly columns: number;
}

/** A loaded model. */
export interface Predictor extends AsyncDisposable {
  readonly card: ModelCard;
  /** Classes per pixel of planar images [count, bands, height, width], 0-255; any height and width (padded inside). */
  predict(pixels: Uint8Array, shape: ImageShape): Promise<Uint8Array>;
  /** Takes the same images; gives the logits instead of the classes that have the greatest. */
  logits(pixels: Uint8Array, shape: ImageShape): Promise<Logits>;
}

/** Loads a model folder; throws StepError where it is none. */
export async function loadPredictor(
  folder: string,
  options: { readonly threads: number },
): Promise<Predictor> {
  const card = await readModelCard(folder);
  const session = await createSession(`${folder}/model.onnx`, { ...options, weights: "inside" });
  const makeTensor = await tensorMaker();
  const { bands, classes, depth } = card.architecture;
  const logits: Predictor["logits"] = async (pixels, shape) => {
    checkSize(pixels, { ...shape, bands });
    const padded = paddedShape(shape, 2 ** depth);
    const data = padImages(pixels, { ...shape, bands, padded });
    const image = makeTensor(data, [shape.count, bands, padded.height, padded.width]);
    return {
      data: await runLogits(session, image),
      rows: padded.height,
      columns: padded.width,
    };
  };
  return {
    card,
    logits,
    predict: async (pixels, shape) => {
      const { data, rows, columns } = await logits(pixels, shape);
      return greatestClass(data, { ...shape, classes, padded: { height: rows, width: columns } });
    },
    [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
  };
}

async function runLogits(session: Session, image: Tensor): Promise<Float32Array> {
  const { logits } = await session.run({ image }, ["logits"]);
  // The graph declares "logits" as float32.
  return logits!.data as Float32Array;
}

interface Size {
  readonly height: number;
  readonly width: number;
}

function checkSize(pixels: Uint8Array, shape: ImageShape & { readonly bands: number }): void {
  const { count, bands, height, width } = shape;
  if (pixels.length === count * bands * height * width) return;
  throw new Error(
    `${count} images of ${width}×${height} pixels in ${bands} bands are ` +
      `${count * bands * height * width} values, not ${pixels.length}`,
  );
}

function paddedShape({ height, width }: Size, multiple: number): Size {
  const up = (length: number): number => Math.ceil(length / multiple) * multiple;
  return { height: up(height), width: up(width) };
}

/** Grows images at the right and the bottom by their mirror image. */
function padImages(
  pixels: Uint8Array,
  shape: ImageShape & { readonly bands: number; readonly padded: Size },
): Float32Array {
  const { count, bands, height, width, padded } = shape;
  if (padded.height === height && padded.width === width) return Float32Array.from(pixels);
  const columns = Int32Array.from({ length: padded.width }, (_, x) => mirrored(x, width));
  const grown = new Float32Array(count * bands * padded.height * padded.width);
  let at = 0;
  for (let plane = 0; plane < count * bands; plane++) {
    for (let y = 0; y < padded.height; y++) {
      const row = (plane * height + mirrored(y, height)) * width;
      for (let x = 0; x < padded.width; x++) grown[at++] = pixels[row + columns[x]!]!;
    }
  }
  return grown;
}

/** Place that a mirror at the last pixel shows beyond it; goes back and forth in short images. */
function mirrored(place: number, length: number): number {
  const period = Math.max(1, 2 * (length - 1));
  const along = place % period;
  return along < length ? along : period - along;
}

/** Class with the greatest logit at each pixel inside the padding. */
function greatestClass(
  logits: Float32Array,
  shape: ImageShape & { readonly classes: number; readonly padded: Size },
): Uint8Array {
  const { count, classes, height, width, padded } = shape;
  const area = padded.height * padded.width;
  const chosen = new Uint8Array(count * height * width);
  let at = 0;
  for (let image = 0; image < count; image++) {
    for (let y = 0; y < height; y++) {
      const row = image * classes * area + y * padded.width;
      for (let x = 0; x < width; x++) chosen[at++] = argmax(logits, row + x, { classes, area });
    }
  }
  return chosen;
}

function argmax(
  logits: Float32Array,
  start: number,
  { classes, area }: { readonly classes: number; readonly area: number },
): number {
  let best = 0;
  for (let index = 1; index < classes; index++) {
    if (logits[start + index * area]! > logits[start + best * area]!) best = index;
  }
  return best;
}
