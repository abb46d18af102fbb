// What steps made: lists of files and their bytes. A file is found by its name in a stored manifest, never
// by a path on disk, so no request can lead out of the store.
import {
  DamagedObjectError,
  type FileEntry,
  parseDigest,
  type Store,
  type Tree,
} from "../../engine/mod.ts";
import { ARTIFACT_POLICY } from "../access/guard.ts";
import { type ZipEntry, zipOf } from "./zip.ts";

const MOST_FILES = 2000;

/** Files of an artifact. */
export interface TreeView {
  readonly files: readonly { readonly path: string; readonly sizeBytes: number }[];
  /** How many there are; `files` may hold fewer. */
  readonly count: number;
  readonly sizeBytes: number;
}

/** Why an artifact cannot be shown; the message is for people. */
export class ArtifactProblem extends Error {
  override readonly name = "ArtifactProblem";

  /** `status` is 410 for what is gone or altered, 422 for what cannot be shown. */
  constructor(message: string, readonly status: 410 | 422 = 410) {
    super(message);
  }
}

/** Types that browsers show without running anything; all else is text or a download. */
const TYPES: Readonly<Record<string, string>> = {
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  webp: "image/webp",
  gif: "image/gif",
  svg: "image/svg+xml",
  html: "text/html; charset=utf-8",
};
const TEXTS: ReadonlySet<string> = new Set(
  "txt md json ndjson csv tsv yaml yml log xml js ts css geojson prj tfw wld".split(" "),
);

/** Lists an artifact's files; undefined where there is none with this digest. */
export async function listTree(store: Store, hex: string): Promise<TreeView | undefined> {
  const tree = await readTree(store, hex);
  if (tree === undefined) return undefined;
  const files = tree.entries.filter((entry) => entry.type === "file");
  return {
    files: files.slice(0, MOST_FILES).map(({ path, sizeBytes }) => ({ path, sizeBytes })),
    count: files.length,
    sizeBytes: tree.sizeBytes,
  };
}

/** Gives a file's bytes after checking them; undefined where the artifact has no such file. */
export async function sendFile(
  store: Store,
  place: { readonly hex: string; readonly path: string; readonly asDownload: boolean },
): Promise<Response | undefined> {
  const entry = await findFile(store, place);
  if (entry === undefined) return undefined;
  const { readable } = await Deno.open(await soundObject(store, entry));
  return send(readable, {
    type: contentType(place.path),
    sizeBytes: entry.sizeBytes,
    name: place.path.slice(place.path.lastIndexOf("/") + 1),
    asDownload: place.asDownload,
  });
}

/** Gives all files of an artifact as one archive, after checking each; undefined where there is none. */
export async function sendZip(
  store: Store,
  { hex, name }: { readonly hex: string; readonly name: string },
): Promise<Response | undefined> {
  const tree = await readTree(store, hex);
  if (tree === undefined) return undefined;
  const entries: ZipEntry[] = [];
  for (const entry of tree.entries) {
    entries.push(
      entry.type === "folder"
        ? emptyFolder(entry.path)
        : fileOf(entry, await soundObject(store, entry)),
    );
  }
  const { sizeBytes, stream } = zipOf(entries);
  // Names come from requests, and may hold what file systems do not take.
  const safe = name.replaceAll(/[^\w.,=+@-]+/g, "_").slice(0, 100) || "artifact";
  return send(stream, {
    type: "application/zip",
    sizeBytes,
    name: `${safe}.zip`,
    asDownload: true,
  });
}

function emptyFolder(path: string): ZipEntry {
  const read = async function* (): AsyncGenerator<Uint8Array> {};
  return { path: `${path}/`, sizeBytes: 0, isExecutable: false, read };
}

function fileOf({ path, sizeBytes, executable }: FileEntry, object: string): ZipEntry {
  const read = async function* (): AsyncGenerator<Uint8Array> {
    const { readable } = await Deno.open(object); // closed by its stream, also where that is left
    yield* readable;
  };
  return { path, sizeBytes, isExecutable: executable, read };
}

/** Finds a file of an artifact; undefined where there is none. */
export async function findFile(
  store: Store,
  { hex, path }: { readonly hex: string; readonly path: string },
): Promise<FileEntry | undefined> {
  const tree = await readTree(store, hex);
  const entry = tree?.entries.find((entry) => entry.path === path);
  return entry?.type === "file" ? entry : undefined;
}

/** Path of a file's bytes; throws ArtifactProblem unless they are what they were. */
export async function soundObject(store: Store, entry: FileEntry): Promise<string> {
  const path = store.objectPath(entry.digest);
  const { digest } = await store.digests.of(path).catch(() => ({ digest: undefined }));
  if (digest !== entry.digest) throw damaged(digest === undefined ? "missing" : "altered");
  return path;
}

function send(
  body: ReadableStream<Uint8Array>,
  { type, sizeBytes, name, asDownload }: {
    readonly type: string;
    readonly sizeBytes: number;
    readonly name: string;
    readonly asDownload: boolean;
  },
): Response {
  const how = asDownload ? "attachment" : "inline";
  return new Response(body, {
    headers: {
      "content-type": type,
      "content-length": String(sizeBytes),
      "content-security-policy": ARTIFACT_POLICY,
      "content-disposition": `${how}; filename*=UTF-8''${encodeURIComponent(name)}`,
      "cache-control": "private, max-age=31536000, immutable",
    },
  });
}

/** Reads an artifact's manifest; undefined where there is none with this digest. */
export async function readTree(store: Store, hex: string): Promise<Tree | undefined> {
  const digest = parseDigest(`sha256:${hex}`);
  if (digest === undefined) return undefined;
  try {
    return await store.readTree(digest);
  } catch (error) {
    if (!(error instanceof DamagedObjectError)) throw error;
    throw damaged(error.damage);
  }
}

function damaged(how: "missing" | "altered"): ArtifactProblem {
  return new ArtifactProblem(
    how === "missing"
      ? "These bytes are no longer in the store; run the workflow again to make them anew"
      : "These stored bytes were altered; run the workflow again to make them anew",
  );
}

function contentType(path: string): string {
  const ending = path.slice(path.lastIndexOf(".") + 1).toLowerCase();
  return TYPES[ending] ??
    (TEXTS.has(ending) ? "text/plain; charset=utf-8" : "application/octet-stream");
}
