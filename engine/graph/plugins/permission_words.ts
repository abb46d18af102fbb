// What a plugin may touch beside its inputs and outputs: compared, and in words for who decides on it. Pure.
import type { Permissions } from "../../plugin.ts";

type Flags = Pick<Permissions, "ffi" | "tracking">;
type Lists = Omit<Permissions, keyof Flags>;

/** What a plugin may do without any limit. */
const FLAG_WORDS: Readonly<Record<keyof Flags, string>> = {
  ffi: "load native libraries, which nothing confines",
  tracking: "report to the tracking server of the run",
};

/** What each kind of permission lets a plugin do; the names that it is limited to follow. */
const WORDS: Readonly<Record<keyof Lists, string>> = {
  run: "start programs, which nothing confines",
  net: "connect to",
  env: "read the variables",
  shared: "write to the folders of .cairn",
  sys: "ask the system for",
  probeEnv: "look for the variables",
};

const FLAGS = Object.keys(FLAG_WORDS) as readonly (keyof Flags)[]; // each has every one
const KINDS = Object.keys(WORDS) as readonly (keyof Lists)[];

/** Says what permissions allow, one sentence part each: `connect to "api.example.org"`. */
export function permissionWords(permissions: Permissions): readonly string[] {
  const unlimited = FLAGS.flatMap((flag) => permissions[flag] === true ? [FLAG_WORDS[flag]] : []);
  const limited = KINDS.flatMap((kind) => {
    const names = permissions[kind] ?? [];
    // All of them, and nothing that a terminal would obey: these are the words of a stranger.
    return names.length === 0
      ? []
      : [`${WORDS[kind]} ${names.map((n) => JSON.stringify(n)).join(", ")}`];
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

/** Says whether what a plugin calls its permissions are some. */
export function arePermissions(value: unknown): value is Permissions {
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(value).every(([kind, names]) =>
    kind in FLAG_WORDS
      ? typeof names === "boolean"
      : kind in WORDS && Array.isArray(names) && names.every((name) => typeof name === "string")
  );
}

/** Whether permissions allow nothing at all. */
export function isNothing(permissions: Permissions): boolean {
  return permissionWords(permissions).length === 0;
}
