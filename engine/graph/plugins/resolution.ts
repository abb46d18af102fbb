// How Deno resolves the imports of plugins: through cairn's own deno.json, whose lock file stays cairn's.

const CONFIG_URL = new URL("../../../deno.json", import.meta.url);

const CONFIG_FILE = decodeURIComponent(CONFIG_URL.pathname);
const LOCK_FILE = decodeURIComponent(new URL("deno.lock", CONFIG_URL).pathname);

/** URL of the folder of cairn itself, with a slash at its end. */
export const HOME_URL = new URL(".", CONFIG_URL).href;

/** Paths of the files that decide what the imports of a plugin mean. */
export const CONFIG_FILES: readonly string[] = [CONFIG_FILE, LOCK_FILE];

/** Flags for a process that loads a plugin; a plugin from elsewhere does not write to the lock file. */
export function resolutionFlags(specifier: string): readonly string[] {
  const isOurs = specifier.startsWith(HOME_URL);
  return ["--config", CONFIG_FILE, ...(isOurs ? [] : ["--no-lock"])];
}
