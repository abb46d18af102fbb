// Texts of the index with a checksum in front: SQLite has none, and what a failing disk made of a hint must
// be no hint any more.
import { digestBytes } from "../content/digest.ts";

/** What is kept of a text. */
export function withChecksum(text: string): string {
  return `${digestBytes(text)} ${text}`;
}

/** The text; undefined where it is another than was kept. */
export function checkedText(kept: string): string | undefined {
  const end = kept.indexOf(" ");
  const text = kept.slice(end + 1);
  return digestBytes(text) === kept.slice(0, end) ? text : undefined;
}
