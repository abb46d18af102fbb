// Sends what waits in the outbox, the oldest first, and stops where the server cannot be had.
import { setTimeout as pause } from "node:timers/promises";
import { StepError } from "../../../engine/plugin.ts";
import { MlflowClient, MlflowError } from "./client.ts";
import { deliver, type MlflowVersion } from "./deliver.ts";
import { type Entry, readEntry } from "./entry.ts";
import type { Outbox, Waiting } from "./outbox.ts";
import type { MlflowSettings } from "./settings.ts";

/** Where entries go, and where the models that they name are. */
export interface DrainRequest {
  readonly settings: MlflowSettings;
  /** The local registry's folder. */
  readonly registry: string;
  readonly signal: AbortSignal;
  /** How long to wait before each further attempt. */
  readonly pausesMs?: readonly number[];
  /** How long an answer may take. */
  readonly answerWithinMs?: number;
}

/** An entry that can never be sent as it is. */
export interface RefusedEntry {
  readonly id: string;
  /** Where it lies now. */
  readonly folder: string;
  readonly error: Error;
}

/** What became of the entries. */
export interface Drained {
  readonly delivered: ReadonlyMap<string, MlflowVersion>;
  readonly refused: readonly RefusedEntry[];
  /** Entries that still wait, also those for other servers. */
  readonly waiting: number;
  /** Why sending stopped early. */
  readonly stopped: MlflowError | undefined;
}

/** How long to wait before each further attempt. */
export const usualPausesMs = [500, 2000];
/** A server that asks for more patience is left alone until the next run. */
export const longestPauseMs = 10_000;

/** Sends every entry that is for this server. */
export async function drain(outbox: Outbox, request: DrainRequest): Promise<Drained> {
  const delivered = new Map<string, MlflowVersion>();
  const refused: RefusedEntry[] = [];
  let stopped: MlflowError | undefined;
  for (const waiting of await outbox.list()) {
    try {
      const entry = await readEntry(waiting.folder);
      if (entry.server !== request.settings.base) continue;
      delivered.set(waiting.id, await deliverPatiently(request, { outbox, waiting, entry }));
      await outbox.remove(waiting);
    } catch (error) {
      request.signal.throwIfAborted();
      if (error instanceof MlflowError && error.remedy !== "none") {
        stopped = error;
        break;
      }
      // Its files are gone or damaged, or the server says no: nothing that waiting would mend.
      if (!(error instanceof StepError || error instanceof Deno.errors.NotFound)) throw error;
      const folder = await outbox.setAside(waiting, error.message);
      refused.push({ id: waiting.id, folder, error });
    }
  }
  return { delivered, refused, waiting: (await outbox.list()).length, stopped };
}

/** Tries again after a while; each attempt goes on where the one before it stopped. */
async function deliverPatiently(
  { settings, registry, signal, pausesMs = usualPausesMs, answerWithinMs }: DrainRequest,
  { outbox, waiting: { folder }, entry }: {
    readonly outbox: Outbox;
    readonly waiting: Waiting;
    readonly entry: Entry;
  },
): Promise<MlflowVersion> {
  const client = new MlflowClient(settings, signal, answerWithinMs);
  const model = `${registry}/${entry.name}/versions/${entry.version}`;
  for (let attempt = 0;; attempt++) {
    try {
      const isRunAwaited = entry.run !== null && await outbox.awaits(entry.run);
      return await deliver(client, { entry, folder, model, isRunAwaited });
    } catch (error) {
      const pauseMs = pausesMs[attempt];
      if (pauseMs === undefined || !(error instanceof MlflowError)) throw error;
      const waitMs = Math.max(pauseMs, error.retryAfterMs ?? 0);
      if (error.remedy !== "wait" || error.isTimeout || waitMs > longestPauseMs) throw error;
      await pause(waitMs, undefined, { signal });
    }
  }
}
