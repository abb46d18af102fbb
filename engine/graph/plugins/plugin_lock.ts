// `cairn.lock`: for each plugin from elsewhere its code, as Deno pins it, and what it was trusted with.
import { lockUnreadable } from "../../diagnostics/catalog.ts";
import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import type { Permissions } from "../../plugin.ts";
import type { JsonObject } from "../../workflow/workflow.ts";
import { beyond, isNothing } from "./permission_words.ts";

/** Name of the file, in the project's folder. */
export const LOCK_NAME = "cairn.lock";

const FORMAT = "cairn-lock/1";

/** A plugin that was trusted. */
export interface LockedPlugin {
  /** What it asked for when it was. */
  readonly permissions: Permissions;
  /** Versions and digests of its modules and packages: a lock file of Deno. */
  readonly code: JsonObject;
}

/** A plugin that is trusted from now on. */
export interface NewlyTrusted {
  /** As the workflow names it. */
  readonly uses: string;
  readonly permissions: Permissions;
}

/** Why a plugin is not trusted. */
export interface Distrust {
  /** What it asks for. */
  readonly asked: Permissions;
  /** What of it is new; absent where nothing of this name was trusted before. */
  readonly more?: Permissions;
}

/** Whom a check trusts beside those that the file has. */
export interface Trust {
  /** The plugins that the workflow lists. */
  readonly listed: ReadonlySet<string>;
  /** All, as they are now: somebody who was shown what they ask for said so. */
  readonly all: boolean;
}

/** Says whether a text names a plugin that comes from elsewhere. */
export function isRemote(uses: string): boolean {
  return /^(npm|jsr|https):/.test(uses);
}

/** The lock file of a project during one check. */
export class PluginLock {
  readonly #fetched = new Map<string, JsonObject>();
  readonly #trusted: NewlyTrusted[] = [];

  private constructor(
    readonly projectFolder: string,
    private readonly locked: ReadonlyMap<string, LockedPlugin>,
    readonly trust: Trust,
  ) {}

  /** Reads a project's lock file, or says what is wrong with it; there need not be one. */
  static async open(
    projectFolder: string,
    trust: Trust = { listed: new Set(), all: false },
  ): Promise<PluginLock | Diagnostic> {
    const text = await readLock(projectFolder);
    const locked = text === undefined ? new Map<string, LockedPlugin>() : parseLock(text);
    return locked === undefined
      ? lockUnreadable(LOCK_NAME)
      : new PluginLock(projectFolder, locked, trust);
  }

  /** Plugins that are trusted since this check. */
  get trusted(): readonly NewlyTrusted[] {
    return this.#trusted;
  }

  /** The code that a plugin must have; undefined where it is not known yet. */
  codeOf(uses: string): JsonObject | undefined {
    return this.locked.get(uses)?.code;
  }

  /** Notes the code that a plugin has now. */
  fetched(uses: string, code: JsonObject): void {
    this.#fetched.set(uses, code);
  }

  /** Says why a plugin is not trusted with what it asks for; undefined where it is. */
  judge(uses: string, asked: Permissions): Distrust | undefined {
    const code = this.#fetched.get(uses);
    const own = this.locked.get(uses);
    const before = own ?? this.#sameName(uses);
    const more = before && beyond(asked, before.permissions);
    const isCovered = more !== undefined && isNothing(more);
    if (isCovered && JSON.stringify(own?.code) === JSON.stringify(code)) return undefined;
    if (this.trust.all || this.trust.listed.has(uses) || isCovered) {
      this.#trusted.push({ uses, permissions: asked });
      return undefined;
    }
    return { asked, ...(more === undefined ? {} : { more }) };
  }

  /** Writes the newly trusted plugins down, where there are any. */
  async save(): Promise<void> {
    if (this.#trusted.length === 0) return;
    const plugins = new Map(this.locked);
    for (const { uses, permissions } of this.#trusted) {
      plugins.set(uses, { permissions, code: this.#fetched.get(uses) ?? {} });
    }
    const sorted = [...plugins].toSorted(([a], [b]) => a < b ? -1 : 1);
    const file = { format: FORMAT, plugins: Object.fromEntries(sorted) };
    const path = `${this.projectFolder}/${LOCK_NAME}`;
    const part = `${path}.${crypto.randomUUID()}`;
    await Deno.writeTextFile(part, `${JSON.stringify(file, undefined, 2)}\n`);
    await Deno.rename(part, path);
  }

  /** Another version of a plugin. */
  #sameName(uses: string): LockedPlugin | undefined {
    const found = [...this.locked].find(([other]) => nameOf(other) === nameOf(uses));
    return found?.[1];
  }
}

/** The text of a project's lock file; undefined where there is none. */
export async function readLock(projectFolder: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(`${projectFolder}/${LOCK_NAME}`);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** What a plugin is called without its version: `npm:@me/word-count`, `https://example.org/word-count/mod.ts`. */
function nameOf(uses: string): string {
  const { protocol, host, pathname } = new URL(uses);
  return `${protocol}${host}/${pathname.replace(/(?<=[^/])@[^/]*/g, "")}`;
}

/** The plugins of a lock file; undefined where the text is none. */
function parseLock(text: string): ReadonlyMap<string, LockedPlugin> | undefined {
  try {
    const { format, plugins } = JSON.parse(text) as {
      readonly format?: unknown;
      readonly plugins?: Readonly<Record<string, Partial<LockedPlugin>>>;
    };
    if (format !== FORMAT) return undefined;
    return new Map(
      Object.entries(plugins ?? {}).map(([uses, { permissions, code }]) => {
        if (typeof code !== "object") throw new Error(`${uses} has no code`);
        return [uses, { permissions: permissions ?? {}, code }];
      }),
    );
  } catch {
    return undefined; // torn, or merged by hand
  }
}
