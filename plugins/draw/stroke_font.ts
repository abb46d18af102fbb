// A single-line alphabet for pictures: machines without fonts still get readable text. Each glyph is
// an SVG path on a grid where capitals reach from 0 down to 7, small letters from 2, descenders to 9.

/** One character: advance width without the gap that follows, and path data. */
export interface Glyph {
  readonly width: number;
  readonly path: string;
}

const bowl = "M1.8 2A1.8 2.5 0 0 0 1.8 7A1.8 2.5 0 0 0 1.8 2Z";
const ring = "M2.4 0A2.4 3.5 0 0 0 2.4 7A2.4 3.5 0 0 0 2.4 0Z";
const arch = "M0 4A1.75 2 0 0 1 3.5 4V7";

const capitals: Readonly<Record<string, [number, string]>> = {
  A: [4.4, "M0 7L2.2 0L4.4 7M.75 4.7H3.65"],
  B: [4.2, "M0 0V7H2.3A1.85 1.85 0 0 0 2.3 3.3H0M0 0H2.1A1.65 1.65 0 0 1 2.1 3.3"],
  C: [4.3, "M4.2 1.53A2.3 3.5 0 1 0 4.2 5.47"],
  D: [4.3, "M0 0V7H1.6A2.7 3.5 0 0 0 1.6 0Z"],
  E: [3.6, "M3.6 0H0V7H3.6M0 3.4H3.1"],
  F: [3.5, "M3.5 0H0V7M0 3.4H3"],
  G: [4.6, "M4.2 1.53A2.3 3.5 0 1 0 4.6 3.7H2.7"],
  H: [4.2, "M0 0V7M4.2 0V7M0 3.4H4.2"],
  I: [0.4, "M.2 0V7"],
  J: [2.8, "M2.8 0V5.4A1.4 1.6 0 0 1 0 5.4"],
  K: [4.2, "M0 0V7M4 0L0 4.3M1.5 2.8L4.2 7"],
  L: [3.5, "M0 0V7H3.5"],
  M: [5.2, "M0 7V0L2.6 4.6L5.2 0V7"],
  N: [4.2, "M0 7V0L4.2 7V0"],
  O: [4.8, ring],
  P: [4.1, "M0 7V0H2.2A1.9 1.9 0 0 1 2.2 3.8H0"],
  Q: [4.8, `${ring}M2.9 5L4.7 7.4`],
  R: [4.2, "M0 7V0H2.2A1.9 1.9 0 0 1 2.2 3.8H0M2 3.8L4.2 7"],
  S: [4, "M3.8 1.5A1.8 1.6 0 0 0 2 0A1.8 1.7 0 0 0 2 3.4A1.9 1.8 0 0 1 2 7A2 1.8 0 0 1 .1 5.4"],
  T: [4.4, "M0 0H4.4M2.2 0V7"],
  U: [4.2, "M0 0V4.8A2.1 2.2 0 0 0 4.2 4.8V0"],
  V: [4.4, "M0 0L2.2 7L4.4 0"],
  W: [6.4, "M0 0L1.6 7L3.2 1L4.8 7L6.4 0"],
  X: [4.2, "M0 0L4.2 7M4.2 0L0 7"],
  Y: [4.2, "M0 0L2.1 3.4L4.2 0M2.1 3.4V7"],
  Z: [4, "M0 0H4L0 7H4"],
};

const smallLetters: Readonly<Record<string, [number, string]>> = {
  a: [3.6, `${bowl}M3.6 2V7`],
  b: [3.6, `${bowl}M0 0V7`],
  c: [3.3, "M3.3 3.12A1.8 2.5 0 1 0 3.3 5.88"],
  d: [3.6, `${bowl}M3.6 0V7`],
  e: [3.6, "M.05 4.5H3.6A1.8 2.5 0 1 0 3.2 6.07"],
  f: [2.4, "M2.6 .1H2.3A1.2 1.4 0 0 0 1.1 1.5V7M0 2.4H2.4"],
  g: [3.6, `${bowl}M3.6 2V7.4A1.8 1.6 0 0 1 .4 8.3`],
  h: [3.5, `M0 0V7${arch}`],
  i: [0.4, "M.2 2.2V7M.2 .1V.2"],
  j: [1.4, "M1.2 2.2V7.6A1.2 1.3 0 0 1 0 8.9M1.2 .1V.2"],
  k: [3.4, "M0 0V7M3.2 2L0 5.2M1.2 4L3.5 7"],
  l: [0.4, "M.2 0V7"],
  m: [5.6, "M0 2V7M0 3.8A1.4 1.8 0 0 1 2.8 3.8V7M2.8 3.8A1.4 1.8 0 0 1 5.6 3.8V7"],
  n: [3.5, `M0 2V7${arch}`],
  o: [3.6, bowl],
  p: [3.6, `${bowl}M0 2V9`],
  q: [3.6, `${bowl}M3.6 2V9`],
  r: [2.2, "M0 2V7M0 4.2A2 2.2 0 0 1 2 2H2.3"],
  s: [
    3.1,
    "M3 3A1.4 1.1 0 0 0 1.6 2A1.4 1.2 0 0 0 1.6 4.4A1.5 1.3 0 0 1 1.6 7A1.6 1.2 0 0 1 0 5.9",
  ],
  t: [2.6, "M1.1 .5V5.6A1.3 1.4 0 0 0 2.4 7H2.7M0 2.2H2.5"],
  u: [3.5, "M0 2V5A1.75 2 0 0 0 3.5 5V2M3.5 2V7"],
  v: [3.6, "M0 2L1.8 7L3.6 2"],
  w: [5.4, "M0 2L1.4 7L2.7 2.6L4 7L5.4 2"],
  x: [3.4, "M0 2L3.4 7M3.4 2L0 7"],
  y: [3.6, "M0 2L1.8 6.8M3.6 2L1.3 8.1A1.2 1.2 0 0 1 .1 8.9"],
  z: [3.2, "M0 2H3.2L0 7H3.2"],
};

const digits: Readonly<Record<string, [number, string]>> = {
  0: [4, "M2 0A2 3.5 0 0 0 2 7A2 3.5 0 0 0 2 0Z"],
  1: [4, "M.7 1.5L2.3 0V7M.8 7H3.7"],
  2: [4, "M.1 1.9A1.95 1.9 0 1 1 3.5 3.1L0 7H4"],
  3: [4, "M.2 1.2A1.9 1.7 0 1 1 1.8 3.4A1.9 1.8 0 1 1 0 5.7"],
  4: [4, "M3.1 7V0L0 5H4.2"],
  5: [4, "M3.6 0H.6L.3 3.2A2.1 2.1 0 1 1 .1 6"],
  6: [4, "M3 0C1.2 1.4 0 3 0 4.8M2 2.6A2 2.2 0 0 0 2 7A2 2.2 0 0 0 2 2.6Z"],
  7: [4, "M0 0H4L1.4 7"],
  8: [
    4,
    "M2 0A1.7 1.65 0 0 0 2 3.3A1.7 1.65 0 0 0 2 0ZM2 3.3A2 1.85 0 0 0 2 7A2 1.85 0 0 0 2 3.3Z",
  ],
  9: [4, "M1 7C2.8 5.6 4 4 4 2.2M2 0A2 2.2 0 0 0 2 4.4A2 2.2 0 0 0 2 0Z"],
};

const signs: Readonly<Record<string, [number, string]>> = {
  " ": [1.4, ""],
  ".": [0.4, "M.2 6.9V7"],
  ",": [0.8, "M.6 6.8L.1 8.3"],
  ":": [0.4, "M.2 2.9V3M.2 6.9V7"],
  ";": [0.8, "M.6 2.9V3M.6 6.8L.1 8.3"],
  "-": [2.4, "M0 4.2H2.4"],
  "–": [3.6, "M0 4.2H3.6"],
  "_": [4, "M0 8H4"],
  "/": [2.8, "M0 7.8L2.8 -.6"],
  "\\": [2.8, "M0 -.6L2.8 7.8"],
  "|": [0.4, "M.2 -.6V8.4"],
  "(": [1.4, "M1.4 -.6A6 6.5 0 0 0 1.4 8.4"],
  ")": [1.4, "M0 -.6A6 6.5 0 0 1 0 8.4"],
  "[": [1.4, "M1.4 -.6H0V8.4H1.4"],
  "]": [1.4, "M0 -.6H1.4V8.4H0"],
  "+": [3.6, "M0 4H3.6M1.8 2.2V5.8"],
  "=": [3.4, "M0 3.2H3.4M0 5.2H3.4"],
  "<": [3, "M3 1.8L0 4.2L3 6.6"],
  ">": [3, "M0 1.8L3 4.2L0 6.6"],
  "%": [
    5,
    "M.5 7L4.5 0M1 0A1 1.5 0 0 0 1 3A1 1.5 0 0 0 1 0ZM4 4A1 1.5 0 0 0 4 7A1 1.5 0 0 0 4 4Z",
  ],
  "&": [
    4.6,
    "M4.6 7L.9 2.2A1.3 1.3 0 1 1 2.8 2.4L1 3.6A1.9 1.9 0 0 0 1.8 7C3.4 7 4.4 5.4 4.5 4",
  ],
  "#": [4.4, "M1.4 .6L.8 6.4M3.6 .6L3 6.4M.2 2.4H4.4M0 4.6H4.2"],
  "*": [2.6, "M1.3 0V3M0 .75L2.6 2.25M2.6 .75L0 2.25"],
  "'": [0.4, "M.2 0V1.6"],
  '"': [1.6, "M.2 0V1.6M1.4 0V1.6"],
  "!": [0.4, "M.2 0V4.8M.2 6.9V7"],
  "?": [3.2, "M0 1.6A1.6 1.6 0 1 1 2.4 3C1.7 3.5 1.6 4 1.6 4.8M1.6 6.9V7"],
  "°": [1.8, "M.9 0A.9 .9 0 0 0 .9 1.8A.9 .9 0 0 0 .9 0Z"],
  "·": [0.4, "M.2 4V4.1"],
  "…": [3.6, "M.2 6.9V7M1.8 6.9V7M3.4 6.9V7"],
};

const table: Readonly<Record<string, [number, string]>> = {
  ...capitals,
  ...smallLetters,
  ...digits,
  ...signs,
};

/** Letters that decompose into no base letter plus accent. */
const lookalikes: Readonly<Record<string, string>> = {
  ł: "l",
  Ł: "L",
  ø: "o",
  Ø: "O",
  ß: "ss",
  æ: "ae",
  Æ: "AE",
  đ: "d",
  Đ: "D",
  "—": "–",
  "’": "'",
};

const unknown: Glyph = { width: 3.4, path: "M0 0H3.4V7H0Z" };

/** Gives a text's glyphs; accents are dropped, a character without a glyph becomes an empty box. */
export function glyphsOf(text: string): Glyph[] {
  const plain = text.normalize("NFD").replace(/\p{Mark}/gu, "");
  return [...plain].flatMap((character) => [...(lookalikes[character] ?? character)])
    .map((character) => {
      const found = Object.hasOwn(table, character) ? table[character] : undefined;
      return found === undefined ? unknown : { width: found[0], path: found[1] };
    });
}
