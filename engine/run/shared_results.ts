// A run's dealings with a remote store: results come from there before work begins and go there in the
// background. The first problem ends it for the run, which goes on without.
import type { ActionRecord } from "../cache/action_record.ts";
import type { Digest } from "../cache/content/digest.ts";
import { FORMAT_KEY } from "../cache/layout.ts";
import {
  DamagedResultError,
  type Fetching,
  fetchResult,
  findRecord,
} from "../cache/remote/fetch_result.ts";
import { checkFormat } from "../cache/remote/open_remote.ts";
import { type Patience, PatientRemote } from "../cache/remote/patient_remote.ts";
import { type Remote, RemoteProblem } from "../cache/remote/remote.ts";
import { sendResult } from "../cache/remote/send_result.ts";
import { Slots } from "../cache/remote/slots.ts";
import type { Store } from "../cache/store.ts";
import type { Emit } from "../events/event.ts";

/** A remote store that a run may use. */
export interface RemoteChoice {
  /** How people are told of it. */
  readonly name: string;
  readonly isReadOnly: boolean;
  readonly open: () => Promise<Remote>;
  readonly patience?: Patience;
}

/** A result that came from a remote store. */
export interface SharedResult {
  readonly record: ActionRecord;
  readonly from: string;
  readonly fetchedBytes: number;
}

/** Most of a small file's way is waiting; large files share the line. */
const FILES_AT_ONCE = 16;
const LARGE_FILES_AT_ONCE = 3;

/** When a run that waits tells how far it is; each time after twice as long. */
const TELL_AFTER_MS = 1_000;

/** Results by way of a remote store; nothing that it does rejects because of the remote. */
export class SharedResults {
  readonly #fetchSlots = new Slots(FILES_AT_ONCE);
  readonly #sendSlots = {
    slots: new Slots(FILES_AT_ONCE),
    largeSlots: new Slots(LARGE_FILES_AT_ONCE),
  };
  readonly #damaged = new Set<Digest>();
  readonly #sends = new Set<Promise<void>>();
  /** Aborted at the first problem, with it. */
  readonly #off = new AbortController();
  #remote: Promise<PatientRemote> | undefined;
  #marked: Promise<void> | undefined;
  #sent = 0;
  #sentBytes = 0;
  #unsent = 0;

  constructor(
    private readonly choice: RemoteChoice,
    private readonly run: {
      readonly store: Store;
      readonly emit: Emit;
      readonly signal: AbortSignal;
    },
  ) {}

  /** Looks for a result without bringing it. */
  async find(step: string, fingerprint: Digest): Promise<ActionRecord | undefined> {
    return await this.#attempt(
      `The result of "${step}"`,
      this.run.signal,
      (fetching) => findRecord(fetching, fingerprint),
    );
  }

  /** Brings a step's result into the store; undefined where there is none. */
  async fetch(
    step: string,
    fingerprint: Digest,
    signal: AbortSignal,
  ): Promise<SharedResult | undefined> {
    return await this.#attempt(`The result of "${step}"`, signal, async (fetching) => {
      const record = await this.#fetchSlots.use(() => findRecord(fetching, fingerprint));
      if (record === undefined) return undefined;
      const fetchedBytes = await fetchResult(fetching, record);
      return { record, from: this.choice.name, fetchedBytes };
    });
  }

  /** Sends a result in the background, unless it stands for files outside the store. */
  offer(record: ActionRecord): void {
    if (this.choice.isReadOnly || record.effects.length > 0) return;
    this.#unsent++;
    const { signal } = this.run;
    const send = this.#attempt(`The result of "${record.step}"`, signal, async (fetching) => {
      await (this.#marked ??= this.#mark(fetching));
      await sendResult({
        ...fetching,
        ...this.#sendSlots,
        damaged: this.#damaged,
        onProgress: (bytes) => this.#sentBytes += bytes,
      }, record);
      this.#unsent--;
      this.#sent++;
    }).catch(() => {}); // interrupted, or gone from the store meanwhile: it counts as unsent
    this.#sends.add(send);
    void send.then(() => this.#sends.delete(send));
  }

  /** Waits for what is still being sent, and tells how it ended. */
  async finish(): Promise<void> {
    if (this.#sent + this.#unsent === 0) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const tellAfter = (waitMs: number): void => {
      timer = setTimeout(() => {
        this.#tell(false);
        tellAfter(2 * waitMs);
      }, waitMs);
    };
    tellAfter(TELL_AFTER_MS);
    await Promise.all(this.#sends);
    clearTimeout(timer);
    this.#tell(true);
  }

  #tell(isOver: boolean): void {
    this.run.emit({
      type: "remote-sending",
      remote: this.choice.name,
      sent: this.#sent,
      sentBytes: this.#sentBytes,
      unsent: this.#unsent,
      isOver,
    });
  }

  /** Does work with the remote store; undefined where that is impossible. */
  async #attempt<T>(
    subject: string,
    signal: AbortSignal,
    work: (fetching: Fetching) => Promise<T>,
  ): Promise<T | undefined> {
    if (this.#off.signal.aborted) return undefined;
    const either = AbortSignal.any([signal, this.#off.signal]);
    try {
      const remote = await (this.#remote ??= this.#open());
      const { store } = this.run;
      return await work({ store, remote, slots: this.#fetchSlots, signal: either });
    } catch (error) {
      if (error instanceof DamagedResultError) return this.#distrust(subject, error);
      if (error instanceof RemoteProblem) return this.#turnOff(error);
      throw error;
    }
  }

  /** The first use tells whether the store is there and has a layout that this version reads. */
  async #open(): Promise<PatientRemote> {
    const { signal } = this.run;
    const remote = new PatientRemote(await this.choice.open(), this.choice.patience);
    let format: string | undefined;
    for await (const piece of await remote.read(FORMAT_KEY, signal) ?? []) {
      format = (format ?? "") + new TextDecoder().decode(piece);
      if (format.length > 100) break;
    }
    checkFormat(format);
    return remote;
  }

  /** Whoever writes to the store first says which layout it has. */
  async #mark({ remote, store, signal }: Fetching): Promise<void> {
    if (await remote.size(FORMAT_KEY, signal) !== undefined) return;
    const transfer = { signal, onProgress: () => {} };
    await remote.write(FORMAT_KEY, `${store.folder}/${FORMAT_KEY}`, transfer);
  }

  #distrust(subject: string, { message, object }: DamagedResultError): undefined {
    if (object !== undefined) this.#damaged.add(object);
    this.#fail(`${subject} there cannot be used: ${message}`, undefined);
  }

  #turnOff(problem: RemoteProblem): undefined {
    if (this.#off.signal.aborted) return;
    this.#off.abort(problem);
    this.#fail(`The remote store is not used from now on: ${problem.message}`, problem.hint);
  }

  #fail(message: string, hint: string | undefined): void {
    const { name: remote } = this.choice;
    const more = hint === undefined ? {} : { hint };
    this.run.emit({ type: "remote-failed", remote, message, ...more });
  }
}
