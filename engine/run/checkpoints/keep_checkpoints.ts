// Answers what a running step asks of its checkpoints: finds the one to go on from, and keeps new ones as
// long as nothing moved under the step.
import type { Resumption } from "../../cache/action_record.ts";
import { dropCheckpoints, saveCheckpoint, takeCheckpoint } from "../../cache/checkpoints.ts";
import type { Digest } from "../../cache/content/digest.ts";
import type { GraphStep } from "../../graph/graph.ts";
import { checkpointKey, startsAnew } from "./checkpoint_key.ts";
import { alteredInput, type LaidOut } from "../work/lay_out_inputs.ts";
import { changedSince, type Prepared } from "../reuse/material.ts";
import type { RunContext } from "../run_context.ts";
import type { CheckpointQuestion, StepAnswer } from "../process/step_protocol.ts";

/** Where a step's checkpoints are before they are stored and after they were taken out. */
export interface CheckpointFolders {
  /** Holds a folder per question, written by the step. */
  readonly saving: string;
  /** Holds copies that the step may read. */
  readonly taken: string;
}

/** The checkpoints of one step while it runs. */
export class StepCheckpoints {
  /** The checkpoint that the step was given last. */
  resumedFrom: Resumption | undefined;
  /** What went wrong in the store; the step cannot be trusted to say it. */
  failure: unknown;
  #knownKey: Digest | undefined;
  #hasMoved = false;
  #pending: Promise<void> = Promise.resolve();

  constructor(
    private readonly context: RunContext,
    private readonly step: GraphStep,
    private readonly work: {
      readonly prepared: Prepared;
      readonly laidOut: LaidOut;
      readonly folders: CheckpointFolders;
    },
  ) {}

  /** Takes a question; questions are answered one after the other. */
  take(question: CheckpointQuestion, answer: (answer: StepAnswer) => void): void {
    const { id } = question;
    this.#pending = this.#pending.then(() => this.#perform(question)).then(answer, (error) => {
      this.failure ??= error;
      answer({ id, problem: error instanceof Error ? error.message : String(error) });
    });
  }

  /** Resolves when all questions so far are answered. */
  settled(): Promise<void> {
    return this.#pending;
  }

  get #key(): Digest {
    return this.#knownKey ??= checkpointKey(this.step, this.work.prepared);
  }

  async #perform(question: CheckpointQuestion): Promise<StepAnswer> {
    // Shared, so that nothing is collected between being found and being copied.
    return await this.context.store.access.share(() =>
      question.type === "checkpoint-wanted" ? this.#find(question) : this.#keep(question)
    );
  }

  async #find(
    { id, atMost }: Extract<CheckpointQuestion, { type: "checkpoint-wanted" }>,
  ): Promise<StepAnswer> {
    const { context: { store }, work: { folders } } = this;
    const path = `${folders.taken}/${id}`;
    const wanted = { atMost: atMost ?? Infinity, target: path };
    const record = this.#startsAnew() ? undefined : await takeCheckpoint(store, this.#key, wanted);
    this.resumedFrom = record === undefined ? undefined : { run: record.run, at: record.at };
    return record === undefined ? { id } : { id, found: { at: record.at, path } };
  }

  async #keep(
    { id, at }: Extract<CheckpointQuestion, { type: "checkpoint-written" }>,
  ): Promise<StepAnswer> {
    const { context: { store, run }, step, work: { folders } } = this;
    const folder = `${folders.saving}/${id}`;
    if (await this.#mayKeep()) {
      if (this.#startsAnew()) await dropCheckpoints(store, this.#key);
      this.context.saved.add(step.name);
      const savedAtMs = Date.now();
      await saveCheckpoint(store, folder, {
        key: this.#key,
        at,
        run: run.id,
        step: step.name,
        savedAtMs,
      });
    } else await Deno.remove(folder, { recursive: true });
    return { id };
  }

  /** Says whether what other runs have saved is not for this step; what this one saves takes its place. */
  #startsAnew(): boolean {
    return startsAnew(this.context, this.step) && !this.context.saved.has(this.step.name);
  }

  /** Says whether all that the step has read so far is what its key speaks of; tells once where not. */
  async #mayKeep(): Promise<boolean> {
    if (this.#hasMoved) return false;
    const { context, step, work: { prepared, laidOut } } = this;
    const changed = await alteredInput(context.store, laidOut) ??
      await changedSince(context, prepared);
    if (changed === undefined) return true;
    this.#hasMoved = true;
    const text = `no checkpoint is kept any more: "${changed}" changed while the step was running`;
    context.emit({ type: "step-log", step: step.name, level: "warn", text });
    return false;
  }
}
