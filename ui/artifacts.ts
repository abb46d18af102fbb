// What steps made: lists of files and their bytes. A file is found by its name in a stored manifest, never
// by a path on disk, so no request can lead out of the store.
import { DamagedObjectError, parseDigest, type Store, type Tree } from "../engine/mod.ts";
import { ARTIFACT_POLICY } from "./guard.ts";

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
  const tree = await readTree(store, place.hex);
  const entry = tree?.entries.find((entry) => entry.path === place.path);
  if (entry?.type !== "file") return undefined;
  const path = store.objectPath(entry.digest);
  const { digest } = await store.digests.of(path).catch(() => ({ digest: undefined }));
  if (digest !== entry.digest) throw damaged(digest === undefined ? "missing" : "altered");
  const { readable } = await Deno.open(path);
  const name = encodeURIComponent(place.path.slice(place.path.lastIndexOf("/") + 1));
  return new Response(readable, {
    headers: {
      "content-type": contentType(place.path),
      "content-length": String(entry.sizeBytes),
      "content-security-policy": ARTIFACT_POLICY,
      "content-disposition": `${
        place.asDownload ? "attachment" : "inline"
      }; filename*=UTF-8''${name}`,
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
