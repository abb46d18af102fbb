// Small operations on files, done at once: handing them to another thread takes ten times as long.
import { dirname } from "node:path";

/** A file of this size is copied faster than another thread is asked for it. */
const AT_ONCE_BYTES = 1 << 18;

/** Moves a file to a path whose folder may not exist yet. */
export function moveInto(from: string, to: string): void {
  const folder = dirname(to);
  if (!made.has(folder)) Deno.mkdirSync(folder, { recursive: true });
  try {
    Deno.renameSync(from, to);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    Deno.mkdirSync(folder, { recursive: true }); // somebody removed it meanwhile
    Deno.renameSync(from, to);
  }
  if (made.size < MOST_MADE) made.add(folder);
}

/** Folders that this process has moved files into. */
const made = new Set<string>();
const MOST_MADE = 10_000;

/** Copies a file; a large one without holding up anything else. */
export async function copyFile(from: string, to: string, sizeBytes: number): Promise<void> {
  if (sizeBytes <= AT_ONCE_BYTES) Deno.copyFileSync(from, to);
  else await Deno.copyFile(from, to);
}

/** Makes a hard link; false where there can be none, such as one too many (65,000 for a file of ext4). */
export function tryLink(from: string, to: string): boolean {
  try {
    Deno.linkSync(from, to);
    return true;
  } catch {
    return false;
  }
}
