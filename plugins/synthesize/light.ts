// Takes the photograph: sun and shadow from the heights, haze, exposure, lens and sensor.
import type { Random } from "../random.ts";
import type { Landscape } from "./landscape.ts";
import { mix, smoothNoise } from "./noise.ts";

interface Sun {
  /** Direction towards the sun, x east and y south, length 1. */
  readonly x: number;
  readonly y: number;
  /** Tangent of its height above the horizon. */
  readonly slope: number;
}

const TALLEST = 17;

/** Lights a painted landscape; shape [size, size, 3]. */
export function photograph(
  landscape: Landscape,
  ground: Float32Array,
  random: Random,
): Uint8Array {
  const azimuth = Math.PI * (0.55 + 0.4 * random());
  const sun = { x: Math.cos(azimuth), y: Math.sin(azimuth), slope: 0.9 + 0.6 * random() };
  const light = shine(landscape, sun);
  const exposed = expose(ground, light, random);
  return record(soften(exposed, landscape.size), random);
}

/** Brightness of each pixel: slopes towards the sun are lighter, what stands in shadow is darker. */
function shine({ size, resolution, height }: Landscape, sun: Sun): Float32Array {
  const light = new Float32Array(size * size);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const at = y * size + x;
      const here = height[at] ?? 0;
      const east = x + 1 < size ? (height[at + 1] ?? 0) - here : 0;
      const south = y + 1 < size ? (height[at + size] ?? 0) - here : 0;
      const tilt = -(east * sun.x + south * sun.y) / resolution;
      const lit = Math.max(0.55, Math.min(1.4, 1 + 0.28 * Math.max(-1.6, Math.min(1.4, tilt))));
      light[at] = lit;
    }
  }
  castShadows({ size, resolution, height }, sun, light);
  return light;
}

function castShadows(
  { size, resolution, height }: Pick<Landscape, "size" | "resolution" | "height">,
  sun: Sun,
  light: Float32Array,
): void {
  const steps = Math.ceil(TALLEST / sun.slope / resolution);
  const offsets = Array.from({ length: steps }, (_, step) => ({
    x: Math.round((step + 1) * sun.x),
    y: Math.round((step + 1) * sun.y),
    rise: (step + 1) * resolution * sun.slope,
  }));
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const at = y * size + x;
      const here = height[at] ?? 0;
      for (const offset of offsets) {
        if (here + offset.rise > TALLEST) break;
        const [column, row] = [x + offset.x, y + offset.y];
        if (column < 0 || row < 0 || column >= size || row >= size) break;
        if ((height[row * size + column] ?? 0) > here + offset.rise) {
          light[at] = (light[at] ?? 1) * 0.48;
          break;
        }
      }
    }
  }
}

/** Applies sunlight, which is warm, with skylight in the shadows, and the haze and exposure of the day. */
function expose(ground: Float32Array, light: Float32Array, random: Random): Float32Array {
  const exposure = 0.88 + 0.26 * random();
  const haze = 6 + 16 * random();
  const tint = [1, 1, 1].map(() => 0.96 + 0.08 * random());
  return ground.map((value, at) => {
    const band = at % 3;
    const lit = light[(at - band) / 3] ?? 1;
    const sky = lit < 0.8 ? band * 3 : 0;
    return (value * lit + sky) * exposure * (tint[band] ?? 1) + haze * (band === 2 ? 1.2 : 1);
  });
}

/** Spreads each pixel a little over its neighbours, as a lens does. */
function soften(colors: Float32Array, size: number): Float32Array {
  const across = blur(colors, { size, step: 3, place: (at) => Math.floor(at / 3) % size });
  return blur(across, { size, step: 3 * size, place: (at) => Math.floor(at / (3 * size)) });
}

function blur(
  colors: Float32Array,
  { size, step, place }: { size: number; step: number; place: (at: number) => number },
): Float32Array {
  return colors.map((value, at) => {
    const position = place(at);
    const before = position > 0 ? colors[at - step] ?? value : value;
    const after = position < size - 1 ? colors[at + step] ?? value : value;
    return mix(value, (before + after) / 2, 0.36);
  });
}

function record(colors: Float32Array, random: Random): Uint8Array {
  const size = Math.sqrt(colors.length / 3);
  const grain = smoothNoise(size, 1, random);
  return Uint8Array.from(colors, (value, at) => {
    const noisy = value + 9 * ((grain[Math.floor(at / 3)] ?? 0.5) - 0.5) + 4 * (random() - 0.5);
    return Math.max(0, Math.min(255, Math.round(noisy)));
  });
}
