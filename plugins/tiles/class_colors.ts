// Colours of classes in every picture, where the user gives none.

const KNOWN: Readonly<Record<string, string>> = {
  background: "#e8d9b5",
  land: "#e8d9b5",
  field: "#e8d9b5",
  unlabeled: "#6b6b6b",
  building: "#d1495b",
  woodland: "#2e6b3c",
  forest: "#2e6b3c",
  vegetation: "#66a05b",
  grass: "#9bc184",
  water: "#2f7ec0",
  road: "#5d5a66",
};

const SPARE = ["#8d6cab", "#e08e45", "#3aa6a0", "#c9b037", "#b5651d", "#6d7fcc", "#c45ab3"];

/** Red, green and blue, 0 to 255 each, of a colour such as "#2f7ec0". */
export function parseColor(color: string): readonly [number, number, number] {
  const value = Number.parseInt(color.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

/** Gives the usual colour of a class, or one of a few distinct ones by its index. */
export function classColor(name: string, index: number): string {
  return KNOWN[name.toLowerCase()] ?? SPARE[index % SPARE.length] ?? "#808080";
}
