// Seeded random numbers: the only randomness that plugins use, so that one seed gives the same bytes.

/** Gives the next number in [0, 1). */
export type Random = () => number;

/** Makes a generator for a seed and a stream; different streams of one seed are independent. */
export function seededRandom(seed: number, stream = 0): Random {
  let state = scramble(scramble(seed) ^ (stream + 0x9e3779b9));
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    return scramble(state) / 2 ** 32;
  };
}

/** Gives the items in a random order. */
export function shuffled<Item>(items: readonly Item[], random: Random): Item[] {
  return items
    .map((item) => ({ item, order: random() }))
    .sort((a, b) => a.order - b.order)
    .map(({ item }) => item);
}

/** Mixes the bits of a 32-bit number (the finaliser of MurmurHash3). */
function scramble(value: number): number {
  let bits = value >>> 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
