// Notices when files change, and waits until whoever changes them is done.
import { dirname } from "node:path";
import { statIfPresent } from "../../cache/disk/folders.ts";
import { pause } from "../step/repetition.ts";
import { isWatched, type WatchedPaths } from "./watched_paths.ts";

/** So long nothing may change before changes are told. */
const QUIET_MS = 150;
/** Of somebody who never stops, changes are told so often. */
const AT_LAST_MS = 2000;

/** Watches paths until it is disposed. */
export class ChangeWatch implements Disposable {
  #paths: WatchedPaths = { files: new Set(), folders: [], ignored: [] };
  /** One for each time that paths were added: closing one may end what another one watches. */
  readonly #watchers: Deno.FsWatcher[] = [];
  readonly #watched = { alone: new Set<string>(), below: new Set<string>() };
  readonly #changed = new Set<string>();
  #changedAtMs = 0;
  #woken = Promise.withResolvers<void>();

  /** Tells of these paths from now on, and of no others. */
  follow(paths: WatchedPaths): void {
    this.#paths = paths;
    for (const path of this.#changed) if (!isWatched(paths, path)) this.#changed.delete(path);
    // Editors put a new file in an old one's place, which only its folder notices.
    this.#add([...paths.files].map((path) => dirname(path)), "alone");
    this.#add(paths.folders, "below");
  }

  /** Forgets what has changed so far. */
  forget(): void {
    this.#changed.clear();
  }

  /** Waits for a change and for the quiet after it; gives what has changed. Rejects where the signal is aborted. */
  async next(signal: AbortSignal): Promise<readonly string[]> {
    for (;;) {
      await this.#change(signal);
      const deadline = Date.now() + AT_LAST_MS;
      for (;;) {
        const waitMs = Math.min(this.#changedAtMs + QUIET_MS, deadline) - Date.now();
        if (waitMs <= 0) break;
        await pause(waitMs, signal);
      }
      const changed = [...this.#changed];
      this.#changed.clear();
      if (changed.length > 0) return changed; // else the paths of interest are others by now
    }
  }

  async #change(signal: AbortSignal): Promise<void> {
    const stop = (): void => this.#woken.resolve();
    signal.addEventListener("abort", stop, { once: true });
    try {
      while (this.#changed.size === 0 && !signal.aborted) await this.#woken.promise;
    } finally {
      signal.removeEventListener("abort", stop);
    }
    signal.throwIfAborted();
  }

  [Symbol.dispose](): void {
    for (const watcher of this.#watchers) watcher.close();
  }

  #add(folders: readonly string[], which: "alone" | "below"): void {
    const added = [...new Set(folders)].filter((path) =>
      !this.#watched[which].has(path) && statIfPresent(path) !== undefined
    );
    if (added.length === 0) return;
    const watcher = Deno.watchFs(added, { recursive: which === "below" });
    for (const path of added) this.#watched[which].add(path);
    this.#watchers.push(watcher);
    void this.#hear(watcher);
  }

  /** A folder that was replaced has to be watched anew. */
  #lose(path: string): void {
    this.#watched.alone.delete(path);
    this.#watched.below.delete(path);
  }

  async #hear(watcher: Deno.FsWatcher): Promise<void> {
    for await (const { kind, paths } of watcher) {
      const changed = kind === "access" ? [] : paths.filter((path) => isWatched(this.#paths, path));
      if (kind !== "modify") paths.forEach((path) => this.#lose(path));
      if (changed.length === 0) continue;
      for (const path of changed) this.#changed.add(path);
      this.#changedAtMs = Date.now();
      this.#woken.resolve();
      this.#woken = Promise.withResolvers();
    }
  }
}
