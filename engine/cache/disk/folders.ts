// Reading folders that other processes may change at the same moment: what is gone is no error, nor is what
// others left there, such as the `.DS_Store` of macOS.

/** Names in a folder, sorted; none where there is no folder. */
export function namesIn(folder: string): readonly string[] {
  try {
    return [...Deno.readDirSync(folder)].map((entry) => entry.name).sort();
  } catch (error) {
    const isNone = error instanceof Deno.errors.NotFound ||
      error instanceof Deno.errors.NotADirectory;
    if (isNone) return [];
    throw error;
  }
}

/** Paths of all files in a folder and below, sorted by folder; none where it does not exist. */
export function* filesBelow(folder: string): Generator<string> {
  for (const name of namesIn(folder)) {
    const path = `${folder}/${name}`;
    const info = statIfPresent(path);
    if (info?.isDirectory) yield* filesBelow(path);
    else if (info !== undefined) yield path;
  }
}

/** What the file system says of a path itself; undefined where nothing is there. */
export function statIfPresent(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.lstatSync(path);
  } catch (error) {
    const isNone = error instanceof Deno.errors.NotFound ||
      error instanceof Deno.errors.NotADirectory;
    if (isNone) return undefined;
    throw error;
  }
}

/** A file's text; undefined where there is no file. */
export function readIfPresent(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    const isNone = error instanceof Deno.errors.NotFound ||
      error instanceof Deno.errors.IsADirectory;
    if (isNone) return undefined;
    throw error;
  }
}
