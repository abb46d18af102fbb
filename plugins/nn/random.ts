// Random numbers that depend on nothing but a seed.

/** A stream of random numbers. */
export interface Random {
  /** Uniform in [0, 1). */
  uniform(): number;
  /** Normal with mean 0 and deviation 1. */
  normal(): number;
  /** Uniform whole number in [0, end). */
  below(end: number): number;
}

/** Opens the stream of a seed (PCG-like mixing of a 32-bit counter); `stream` gives independent ones. */
export function seededRandom(seed: number, stream = 0): Random {
  let state = mix(seed >>> 0) ^ mix(stream + 0x9e3779b9);
  const uniform = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    return (mix(state) >>> 0) / 2 ** 32;
  };
  return {
    uniform,
    normal: () => {
      const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
      return radius * Math.cos(2 * Math.PI * uniform());
    },
    below: (end) => Math.floor(uniform() * end),
  };
}

/** Spreads every bit of a 32-bit number over all bits (the finaliser of MurmurHash3). */
function mix(value: number): number {
  let bits = value | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}
