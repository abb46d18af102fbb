// Which tiles go into which batch, and how each is shown to the network: decided here, drawn from the
// seed, and carried out in show.ts.
import { type Random, seededRandom, shuffled } from "../../random.ts";
import type { Tile } from "../../tiles/manifest.ts";

/** How a tile is shown; as it is where nothing is said. */
export interface Look {
  /** A square inside the tile that is enlarged to the tile's edge, in shares of the edge. */
  readonly crop?: { readonly left: number; readonly top: number; readonly edge: number };
  /** Rows become columns, before any flip. */
  readonly transposed: boolean;
  readonly flipX: boolean;
  readonly flipY: boolean;
  /** Pixels become (pixel - 128) · contrast + 128 + brightness. */
  readonly light?: { readonly contrast: number; readonly brightness: number };
}

/** A tile and how it is shown. */
export interface View extends Look {
  readonly tile: Tile;
}

/** What may change from one showing of a tile to the next. */
export interface Augmentation {
  /** Mirrored or not, along each axis. */
  readonly flip: boolean;
  /** Turned by a multiple of 90°. */
  readonly turn: boolean;
  /** Brighter or darker, with more or less contrast. */
  readonly light: boolean;
  /** In every second case a random part, enlarged. */
  readonly crop: boolean;
}

const CONTRAST = [0.8, 1.2] as const;
const BRIGHTNESS = [-25, 25] as const;
const CROPPED_SHARE = 1 / 2;
const SMALLEST_CROP = 0.6;

const AS_IT_IS: Look = { transposed: false, flipX: false, flipY: false };

/**
 * Orders the tiles of an epoch at random. Every batch is full: the last one is filled up with the tiles
 * that came first.
 */
export function planEpoch(
  tiles: readonly Tile[],
  options: {
    readonly batch: number;
    readonly seed: number;
    readonly epoch: number;
    readonly augment: Augmentation;
  },
): View[][] {
  const { batch, seed, epoch, augment } = options;
  const random = seededRandom(seed, epoch);
  const order = shuffled(tiles, random);
  return Array.from(
    { length: Math.ceil(order.length / batch) },
    (_, row) =>
      Array.from({ length: batch }, (_, column) => ({
        tile: order[(row * batch + column) % order.length]!,
        ...drawLook(random, augment),
      })),
  );
}

/** Puts tiles into batches in their order, as they are; the last batch may be smaller. */
export function planInOrder(tiles: readonly Tile[], batch: number): View[][] {
  return Array.from(
    { length: Math.ceil(tiles.length / batch) },
    (_, row) => tiles.slice(row * batch, (row + 1) * batch).map((tile) => ({ tile, ...AS_IT_IS })),
  );
}

function drawLook(random: Random, augment: Augmentation): Look {
  const coin = (): boolean => random() < 0.5;
  const between = ([low, high]: readonly [number, number]): number => low + (high - low) * random();
  const flipped = augment.flip ? { flipX: coin(), flipY: coin() } : AS_IT_IS;
  const turned = augment.turn ? quarterTurns(flipped, Math.floor(4 * random())) : flipped;
  return {
    ...AS_IT_IS,
    ...turned,
    ...augment.light
      ? { light: { contrast: between(CONTRAST), brightness: between(BRIGHTNESS) } }
      : {},
    ...augment.crop && random() < CROPPED_SHARE ? { crop: drawCrop(random) } : {},
  };
}

/** A quarter turn is a transposition and a flip, a half turn is both flips. */
function quarterTurns(
  { flipX, flipY }: Pick<Look, "flipX" | "flipY">,
  turns: number,
): Pick<Look, "transposed" | "flipX" | "flipY"> {
  return {
    transposed: turns % 2 === 1,
    flipX: flipX !== (turns === 1 || turns === 2),
    flipY: flipY !== (turns === 2 || turns === 3),
  };
}

function drawCrop(random: Random): NonNullable<Look["crop"]> {
  const edge = SMALLEST_CROP + (1 - SMALLEST_CROP) * random();
  return { left: (1 - edge) * random(), top: (1 - edge) * random(), edge };
}
