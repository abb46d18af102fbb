// What a plugin may touch beside its inputs and outputs: compared, and in words for who decides on it. Pure.
import type { Permissions } from "../../plugin.ts";

type Flags = Pick<Permissions, "ffi" | "tracking">;
type Lists = Omit<Permissions, keyof Flags>;

/** What a plugin may do without any limit. */
const FLAG_WORDS: Readonly<Record<keyof Flags, string>> = {
  ffi: "load native libraries, which nothing confines",
  tracking: "report to the tracking server of the run",
};

/** What each kind of permission lets a plugin do with the names that it is limited to. */
const WORDS: Readonly<Record<keyof Lists, (names: string) => string>> = {
  run: (names) => `start ${names}, which nothing confines`,
  net: (names) => `connect to ${names}`,
  env: (names) => `read the variables ${names}`,
  shared: (names) => `write to .cairn: ${names}`,
  sys: (names) => `ask the system for ${names}`,
  probeEnv: (names) => `look for the variables ${names}`,
};

const FLAGS = Object.keys(FLAG_WORDS) as readonly (keyof Flags)[]; // each has every one
const KINDS = Object.keys(WORDS) as readonly (keyof Lists)[];

/** Says what permissions allow, one sentence part each: `connect to "api.example.org"`. */
export function permissionWords(permissions: Permissions): readonly string[] {
  const unlimited = FLAGS.flatMap((flag) => permissions[flag] === true ? [FLAG_WORDS[flag]] : []);
  const limited = KINDS.flatMap((kind) => {
    const names = permissions[kind] ?? [];
    // All of them, and nothing that a terminal would obey: these are the words of a stranger.
    const shown = names.map((name) => JSON.stringify(name)).join(", ");
    return names.length === 0 ? [] : [WORDS[kind](shown)];
  });
  return [...unlimited, ...limited];
}

/** What is asked for and was not granted. */
export function beyond(asked: Permissions, granted: Permissions): Permissions {
  const lists = KINDS.flatMap((kind) => {
    const known: readonly string[] = granted[kind] ?? [];
    const names = (asked[kind] ?? []).filter((name) => !known.includes(name));
    return names.length === 0 ? [] : [[kind, names] as const];
  });
  const flags = FLAGS.filter((flag) => asked[flag] === true && granted[flag] !== true);
  return Object.fromEntries([...flags.map((flag) => [flag, true] as const), ...lists]);
}

/** Folders of `.cairn` that are the engine's alone. */
const ENGINE_FOLDERS: readonly string[] = [
  "objects",
  "views",
  "actions",
  "checkpoints",
  "runs",
  "pinned",
  "locks",
  "tmp",
  "quarantine",
];

/** Says whether a folder of `.cairn` may be shared under a name. */
function isShareable(name: string): boolean {
  return /^[a-z][a-z0-9-]*$/.test(name) && !ENGINE_FOLDERS.includes(name);
}

/** Says whether what a plugin calls its permissions are some. */
export function arePermissions(value: unknown): value is Permissions {
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(value).every(([kind, names]) =>
    kind in FLAG_WORDS
      ? typeof names === "boolean"
      : kind in WORDS && Array.isArray(names) && names.every((name) => typeof name === "string") &&
        (kind !== "shared" || names.every(isShareable))
  );
}

/** Whether permissions allow nothing at all. */
export function isNothing(permissions: Permissions): boolean {
  return permissionWords(permissions).length === 0;
}
