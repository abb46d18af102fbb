// Records as files that prove themselves: JSON with a checksum of itself, so that a torn or edited one is
// never believed.
import { digestBytes, parseDigest } from "./content/digest.ts";

/** Text of a record's file. */
export function seal(record: object): string {
  const body = JSON.stringify(record);
  return `{"record":${body},"checksum":"${digestBytes(body)}"}\n`;
}

/** What `seal` was given; undefined where the text is another than it wrote. */
export function unseal(text: string): unknown {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== "object" || parsed === null) return undefined;
    const { record, checksum } = parsed as { record?: unknown; checksum?: unknown };
    if (typeof checksum !== "string" || parseDigest(checksum) === undefined) return undefined;
    return digestBytes(JSON.stringify(record)) === checksum ? record : undefined;
  } catch {
    return undefined;
  }
}
