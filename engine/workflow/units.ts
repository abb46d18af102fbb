// Amounts with units: memory as "4GiB", durations as "1h30m".

/** Bytes of each unit of memory, by its name in small letters. */
export const BYTES_PER_UNIT: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
};

/** Parses an amount of memory such as "4GiB", "512 MB" or a number of bytes; undefined if it is none. */
export function parseBytes(amount: string | number): number | undefined {
  if (typeof amount === "number") {
    return amount > 0 && Number.isSafeInteger(amount) ? amount : undefined;
  }
  const match = /^(\d+(?:\.\d+)?)\s*([kmgt]?i?b)$/i.exec(amount.trim());
  const factor = BYTES_PER_UNIT[match?.[2]?.toLowerCase() ?? ""];
  if (match === null || factor === undefined) return undefined;
  const bytes = Math.round(Number(match[1]) * factor);
  return bytes > 0 && Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** Parses a duration such as "30s", "1h30m" or "2d" into milliseconds; undefined if it is none. */
export function parseDuration(text: string): number | undefined {
  const match = /^(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s)?$/.exec(text.trim());
  if (match === null || text.trim() === "") return undefined;
  const [days, hours, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0));
  const total = (((days ?? 0) * 24 + (hours ?? 0)) * 60 + (minutes ?? 0)) * 60 + (seconds ?? 0);
  return Math.round(total * 1000);
}
