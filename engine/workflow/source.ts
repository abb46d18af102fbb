// Reads a workflow file: finds out what is wrong with it as a file, and which project it belongs to.
import { dirname, relative, resolve } from "node:path";
import {
  binaryFile,
  fileIsFolder,
  fileMissing,
  fileNotRegular,
  fileTooLarge,
  fileUnreadable,
  notUtf8,
} from "../diagnostics/catalog.ts";
import type { Diagnostic, Place } from "../diagnostics/diagnostic.ts";
import { type Position, SourceFile } from "../diagnostics/source_file.ts";

const MAX_BYTES = 10_000_000;
const PROJECT_MARKS: readonly string[] = [".cairn", "deno.json", ".git"];

/** Where a file is: as people name it and as the system does. */
export interface FilePath {
  /** Relative to where the person stands. */
  readonly shown: string;
  readonly absolute: string;
}

/** Names a path as it is shown in messages: relative to `cwd`, with "/" between names. */
export function filePath(path: string, cwd: string): FilePath {
  const absolute = resolve(cwd, path);
  return { absolute, shown: (relative(cwd, absolute) || ".").replaceAll("\\", "/") };
}

/** Reads a text file of at most 10 MB, or says why that is not possible. */
export async function readSource(path: FilePath): Promise<SourceFile | Diagnostic> {
  let bytes: Uint8Array;
  try {
    const { isDirectory, isFile, size } = await Deno.stat(path.absolute);
    if (isDirectory) return fileIsFolder(path.shown);
    if (!isFile) return fileNotRegular(path.shown);
    if (size > MAX_BYTES) return fileTooLarge(path.shown, { bytes: size, limit: MAX_BYTES });
    bytes = await Deno.readFile(path.absolute);
  } catch (error) {
    return readProblem(path.shown, error);
  }
  return decode(path.shown, bytes);
}

/** Reads a file to show a part of it; undefined where that is not possible. */
export function readSourceSync({ shown, absolute }: FilePath): SourceFile | undefined {
  try {
    return new SourceFile(shown, Deno.readTextFileSync(absolute));
  } catch {
    return undefined;
  }
}

/** The word at a place in a file, given by absolute path; undefined where the file is not to be read. */
export function wordAt(
  { path, line, column }: Position & { readonly path: string },
  cwd: string,
): Place | undefined {
  const file = readSourceSync(filePath(path, cwd));
  if (file === undefined) return undefined;
  const start = file.offset({ line, column });
  const word = /^[\w$]+/.exec(file.line(line).slice(column - 1))?.[0] ?? " ";
  return { file, span: { start, end: start + word.length } };
}

function readProblem(shown: string, error: unknown): Diagnostic {
  if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
    return fileMissing(shown);
  }
  const isDenied = error instanceof Deno.errors.PermissionDenied ||
    error instanceof Deno.errors.NotCapable;
  if (isDenied) return fileUnreadable(shown, "permission denied");
  return fileUnreadable(shown, error instanceof Error ? error.message : String(error));
}

function decode(shown: string, bytes: Uint8Array): SourceFile | Diagnostic {
  // Undecodable bytes become U+FFFD here, which is how their place is found.
  const file = new SourceFile(shown, new TextDecoder().decode(bytes));
  const at = (character: string): { file: SourceFile; span: { start: number; end: number } } => {
    const start = file.text.indexOf(character);
    return { file, span: { start, end: start + 1 } };
  };
  if (bytes.includes(0)) return binaryFile(at("\0"));
  return isUtf8(bytes) ? file : notUtf8(at("\u{FFFD}"));
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/**
 * Finds the project folder: the nearest folder at or above the file's that holds `.cairn`, `deno.json`
 * or `.git`, else the file's own.
 */
export async function findProjectFolder(absolute: string): Promise<string> {
  const own = dirname(absolute);
  for (let folder = own;; folder = dirname(folder)) {
    for (const mark of PROJECT_MARKS) {
      if (await exists(`${folder}/${mark}`)) return folder;
    }
    if (dirname(folder) === folder) return own;
  }
}

/** Where writing to a path would end: links in the part of it that exists are followed. */
export async function realTarget(path: string): Promise<string> {
  try {
    return await Deno.realPath(path);
  } catch {
    const parent = dirname(path);
    if (parent === path) return path;
    return `${await realTarget(parent)}${path.slice(parent === "/" ? 0 : parent.length)}`;
  }
}

/** Says whether a path is a folder or lies below it; both are absolute. */
export function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith("/") ? folder : `${folder}/`);
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return true;
  } catch {
    return false;
  }
}
