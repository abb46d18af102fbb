// Messages about files and YAML as such: unreadable, not text, not parsable, outside of what JSON can say.
import { type Diagnostic, type Place, problem } from "../diagnostic.ts";
import { quote, quotePath, shorten } from "../suggest.ts";

/** A workflow file that does not exist. */
export function fileMissing(path: string): Diagnostic {
  return problem("file-missing", `Workflow file ${quote(path)} does not exist`, {
    hint: "Check the path; it starts from the folder that the command runs in",
  });
}

/** A folder where a workflow file was named. */
export function fileIsFolder(path: string): Diagnostic {
  return problem("file-is-folder", `${quote(path)} is a folder, not a file`, {
    hint: "Name a file in it",
  });
}

/** A device or pipe where a workflow file was named. */
export function fileNotRegular(path: string): Diagnostic {
  return problem("file-not-regular", `${quote(path)} is a device or pipe, not a file`);
}

/** A file that the system does not let us read. */
export function fileUnreadable(path: string, reason: string): Diagnostic {
  return problem("file-unreadable", `Cannot read ${quote(path)}: ${reason}`, {
    hint: "Check the permissions of the file and of the folders above it",
  });
}

/** A file too large to be a workflow; sizes in bytes. */
export function fileTooLarge(path: string, size: { bytes: number; limit: number }): Diagnostic {
  const mega = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
  const limit = `a workflow file has at most ${mega(size.limit)}`;
  return problem("file-too-large", `${quote(path)} has ${mega(size.bytes)}; ${limit}`, {
    hint: "Keep data in files of its own and name them by path",
  });
}

/** Bytes that are not UTF-8, at the first of them. */
export function notUtf8(place: Place): Diagnostic {
  return problem("not-utf8", "The file is not UTF-8 text", {
    place,
    hint: "Save the file with the encoding UTF-8",
  });
}

/** A file with a NUL character. */
export function binaryFile(place: Place): Diagnostic {
  return problem("binary-file", "The file holds a NUL character, so it is not a text file", {
    place,
    hint: "Check that this is the workflow file",
  });
}

/** A file without any value. */
export function emptyFile(place: Place): Diagnostic {
  return problem("empty-file", "The workflow file says nothing", {
    place,
    hint: "A workflow has at least steps: { NAME: { uses: PLUGIN } }",
  });
}

/** A file named by another one that says nothing. */
export function emptyPart(place: Place): Diagnostic {
  return problem("empty-file", "The file says nothing", {
    place,
    hint: "Write something in it, or name it nowhere",
  });
}

/** A file named by another one that does not exist; `path` is where it was looked for. */
export function partMissing(place: Place, written: string, path: string): Diagnostic {
  const message = `${quote(written)} does not exist: looked for ${quotePath(path)}`;
  return problem("file-missing", message, {
    place,
    hint: "The path starts from the folder of the file that names it",
  });
}

/** Text that is not YAML, in the words of the syntax check. */
export function yamlSyntax(place: Place, fault: { message: string; hint?: string }): Diagnostic {
  return problem("yaml-syntax", fault.message, { place, hint: fault.hint });
}

/** A key that its map has twice, with the first one as a note. */
export function duplicateKey(place: Place, key: string, first: Place): Diagnostic {
  return problem("duplicate-key", `${quote(key)} is there twice`, {
    place,
    notes: [{ message: "The first one is here", place: first }],
    hint: "Remove or rename one of them",
  });
}

/** A key such as 1 or true; `text` as written. */
export function keyNotText(place: Place, text: string): Diagnostic {
  return problem("key-not-text", `A name must be text, not ${shorten(text)}`, {
    place,
    hint: `Write it in quotes, as in ${quote(text)}: …`,
  });
}

/** A key that is a list or a map. */
export function keyNotSimple(place: Place): Diagnostic {
  return problem("key-not-text", "A name must be text, not a list or a map", { place });
}

/** An alias of an anchor that is not above it. */
export function unknownAnchor(place: Place, name: string): Diagnostic {
  return problem("unknown-anchor", `No value above is marked with ${quote(`&${name}`)}`, { place });
}

/** An alias inside the value that it stands for. */
export function anchorInsideItself(place: Place, name: string): Diagnostic {
  return problem("endless-alias", `${quote(`*${name}`)} stands inside the value that it repeats`, {
    place,
  });
}

/** Aliases of aliases that would expand without bound. */
export function aliasesTooLarge(place: Place, limit: number): Diagnostic {
  return problem("alias-too-large", `Aliases repeat more than ${limit} values`, {
    place,
    hint: "Write out what is meant, or repeat less",
  });
}

/** Values inside of values beyond the limit. */
export function nestedTooDeeply(place: Place, limit: number): Diagnostic {
  return problem("nested-too-deeply", `Values are nested more than ${limit} deep`, { place });
}

/** Infinity or not-a-number, which JSON does not have; `text` as written. */
export function numberNotFinite(place: Place, text: string): Diagnostic {
  return problem("number-not-finite", `A number must be finite, not ${shorten(text)}`, { place });
}

/** A whole number beyond 2^53; `text` as written. */
export function numberNotExact(place: Place, text: string): Diagnostic {
  return problem(
    "number-not-exact",
    `${shorten(text)} is too large to be kept exactly as a number`,
    {
      place,
      hint: `Write it in quotes if it is a name: ${quote(text)}`,
    },
  );
}
