// What a plugin may touch beside its inputs and outputs: compared, and in words for who decides on it. Pure.
import type { Permissions } from "../../plugin.ts";

type Lists = Omit<Permissions, "ffi">;

/** What each kind of permission lets a plugin do; the names that it is limited to follow. */
const WORDS: Readonly<Record<keyof Lists, string>> = {
  run: "start programs, which nothing confines",
  net: "connect to",
  env: "read the variables",
  shared: "write to the folders of .cairn",
  sys: "ask the system for",
  probeEnv: "look for the variables",
};

const KINDS = Object.keys(WORDS) as readonly (keyof Lists)[]; // WORDS has every one

/** Says what permissions allow, one sentence part each: `connect to "api.example.org"`. */
export function permissionWords(permissions: Permissions): readonly string[] {
  const native = permissions.ffi === true ? ["load native libraries, which nothing confines"] : [];
  const limited = KINDS.flatMap((kind) => {
    const names = permissions[kind] ?? [];
    // All of them, and nothing that a terminal would obey: these are the words of a stranger.
    return names.length === 0
      ? []
      : [`${WORDS[kind]} ${names.map((n) => JSON.stringify(n)).join(", ")}`];
  });
  return [...native, ...limited];
}

/** What is asked for and was not granted. */
export function beyond(asked: Permissions, granted: Permissions): Permissions {
  const lists = KINDS.flatMap((kind) => {
    const known: readonly string[] = granted[kind] ?? [];
    const names = (asked[kind] ?? []).filter((name) => !known.includes(name));
    return names.length === 0 ? [] : [[kind, names] as const];
  });
  const native = asked.ffi === true && granted.ffi !== true ? { ffi: true } : {};
  return { ...native, ...Object.fromEntries(lists) };
}

/** Says whether what a plugin calls its permissions are some. */
export function arePermissions(value: unknown): value is Permissions {
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(value).every(([kind, names]) =>
    kind === "ffi"
      ? typeof names === "boolean"
      : kind in WORDS && Array.isArray(names) && names.every((name) => typeof name === "string")
  );
}

/** Whether permissions allow nothing at all. */
export function isNothing(permissions: Permissions): boolean {
  return permissionWords(permissions).length === 0;
}
