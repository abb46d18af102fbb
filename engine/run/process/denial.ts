// What a sandboxed step reached for without having declared it, read from the words of the runtime. Used
// inside the step's process, where the error is, and outside, where only its words arrive.

/** A place in a module of the plugin; line and column count from 1. */
export interface CodePlace {
  /** Absolute path. */
  readonly path: string;
  readonly line: number;
  readonly column: number;
}

/** An access that the sandbox refused. */
export interface Denial {
  /** The kind of access as Deno names it: read, write, net, env, run, sys, ffi or import. */
  readonly access: string;
  /** Path, host, name or URL; absent where all of a kind was asked for. */
  readonly what?: string;
  /** Where the code stood, innermost first. */
  readonly places: readonly CodePlace[];
}

/** The denial among an error and its causes; undefined where there is none. */
export function denialOf(error: unknown): Denial | undefined {
  const seen = new Set<unknown>();
  const pending = [error];
  while (pending.length > 0) {
    const next = pending.shift();
    if (!(next instanceof Error) || seen.has(next)) continue;
    seen.add(next);
    const denial = denialIn(next.message, next.stack ?? "");
    if (denial !== undefined) return denial;
    pending.push(next.cause, ...next instanceof AggregateError ? next.errors : []);
  }
  return undefined;
}

/** The denial that a message tells of; `stack` says where. */
export function denialIn(message: string, stack: string): Denial | undefined {
  const denied = /Requires (\w+) access(?: to (?:"([^"]*)"|(<\w+>)))?, run again/.exec(message);
  const [, access, quoted, special] = denied ?? [];
  const what = quoted ?? special;
  const places = placesIn(stack);
  if (access !== undefined) return { access, ...(what === undefined ? {} : { what }), places };
  const remote = /remote specifier was requested: "([^"]*)"/.exec(message)?.[1];
  return remote === undefined ? undefined : { access: "import", what: remote, places };
}

/** The places that a stack names, innermost first. */
export function placesIn(stack: string): readonly CodePlace[] {
  return [...stack.matchAll(/(file:\/\/[^\s()]+):(\d+):(\d+)/g)].map(([, url, line, column]) => ({
    path: decodeURIComponent(new URL(url ?? "").pathname),
    line: Number(line),
    column: Number(column),
  }));
}
