// How Deno resolves the imports of plugins: through cairn's own deno.json, whose lock file stays cairn's. A
// plugin from elsewhere has a lock file of its own.

const CONFIG_URL = new URL("../../../deno.json", import.meta.url);

const CONFIG_FILE = decodeURIComponent(CONFIG_URL.pathname);
const LOCK_FILE = decodeURIComponent(new URL("deno.lock", CONFIG_URL).pathname);

/** URL of the folder of cairn itself, with a slash at its end. */
export const HOME_URL = new URL(".", CONFIG_URL).href;

/** Paths of the files that decide what the imports of a plugin mean. */
export const CONFIG_FILES: readonly string[] = [CONFIG_FILE, LOCK_FILE];

/** A plugin's module, and what its imports are pinned by. */
export interface Importable {
  /** URL of the module. */
  readonly specifier: string;
  /** Lock file of a plugin from elsewhere, absolute. */
  readonly lockFile?: string;
}

/** What of a plugin decides how it is loaded. */
export function importable({ specifier, lockFile }: Importable): Importable {
  return { specifier, ...(lockFile === undefined ? {} : { lockFile }) };
}

/** Flags for a process that loads a plugin; a user's own plugin does not write to cairn's lock file. */
export function resolutionFlags({ specifier, lockFile }: Importable): readonly string[] {
  if (lockFile !== undefined) return pinnedFlags(lockFile);
  const isOurs = specifier.startsWith(HOME_URL);
  return ["--config", CONFIG_FILE, ...(isOurs ? [] : ["--no-lock"])];
}

/** Flags for a process that loads what a lock file pins; cairn's own dependencies stay out of that. */
export function pinnedFlags(lockFile: string): readonly string[] {
  return ["--no-config", "--import-map", CONFIG_FILE, "--lock", lockFile];
}
