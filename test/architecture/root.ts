// Paths relative to the project's root.

const ROOT = fromFileUrl(new URL("../../", import.meta.url));

/** Path of a file URL. */
export function fromFileUrl(url: URL): string {
  return decodeURIComponent(url.pathname);
}

/** A path relative to the root; undefined outside of it. */
export function relativeToRoot(path: string): string | undefined {
  return path.startsWith(ROOT) ? path.slice(ROOT.length) : undefined;
}
