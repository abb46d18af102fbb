// Messages about plugins from elsewhere: whether they are trusted, and whether they are what they were.
import { type Diagnostic, type Place, problem } from "../diagnostic.ts";
import { nearest, quote, quotePath } from "../suggest.ts";

/** A plugin from elsewhere that nobody has trusted with what it asks for. */
export function untrustedPlugin(
  place: Place,
  uses: string,
  asks: {
    /** What it may do, in words. */
    readonly for: readonly string[];
    /** Whether an earlier version was trusted, and `for` is only what is new. */
    readonly isMore: boolean;
    /** What the workflow trusts. */
    readonly listed: readonly string[];
  },
): Diagnostic {
  const message = asks.isMore
    ? `Plugin ${quote(uses)} asks for more than was trusted before`
    : `Plugin ${quote(uses)} comes from elsewhere and is not trusted yet`;
  const wishes = asks.for.map((words) => ({ message: `It asks to ${words}` }));
  const nothing = { message: "It asks for nothing but its inputs and outputs" };
  const meant = nearest(uses, asks.listed);
  return problem("plugin-untrusted", message, {
    place,
    notes: wishes.length === 0 ? [nothing] : wishes,
    hint: meant === undefined
      ? `Trust it with --trust, or in the workflow: trust: [${JSON.stringify(uses)}]`
      : `Did you mean it by ${quote(meant)} in trust?`,
  });
}

/** A path that a plugin from elsewhere chose itself, and would be let read. */
export function strangersPath(
  place: Place,
  path: { readonly uses: string; readonly option: string; readonly written: string },
): Diagnostic {
  const { uses, option, written } = path;
  const message =
    `Plugin ${quote(uses)} chooses ${quotePath(written)} for option ${quote(option)}, ` +
    "and only the workflow may name what it reads";
  return problem("path-not-given", message, {
    place,
    hint: `Name the path that is meant: with: { ${option}: … }`,
  });
}

/** Something in `trust` that names no plugin from elsewhere. */
export function nothingToTrust(place: Place, uses: string): Diagnostic {
  return problem("trust-unknown", `${quote(uses)} needs no trust`, {
    place,
    hint: "List plugins from elsewhere as steps use them: npm:, jsr: or https:",
  });
}

/** A lock file that cannot be understood. */
export function lockUnreadable(path: string): Diagnostic {
  return problem("lock-unreadable", `Cannot understand the lock file ${quotePath(path)}`, {
    hint:
      "Take it from version control again; without it, plugins from elsewhere are asked for anew",
  });
}
