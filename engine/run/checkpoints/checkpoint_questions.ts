// The checkpoints of a step as its own process sees them: questions to the engine, which answers by id.
import type { Checkpoint, Checkpoints } from "../../plugin.ts";
import type { CheckpointQuestion, StepAnswer } from "../process/step_protocol.ts";

/** Asks the engine, and hands its answers to those who wait for them. */
export class CheckpointQuestions implements Checkpoints {
  readonly #waiting = new Map<number, PromiseWithResolvers<StepAnswer>>();
  #asked = 0;

  constructor(
    /** Folder in which a folder per checkpoint is written. */
    private readonly saving: string,
    private readonly send: (question: CheckpointQuestion) => void,
  ) {}

  async latest(atMost?: number): Promise<Checkpoint | undefined> {
    const id = ++this.#asked;
    if (atMost !== undefined) requireWhole(atMost);
    const limit = atMost === undefined ? {} : { atMost };
    return (await this.#ask({ type: "checkpoint-wanted", id, ...limit })).found;
  }

  async save(at: number, write: (folder: string) => Promise<void>): Promise<void> {
    requireWhole(at);
    const id = ++this.#asked;
    const folder = `${this.saving}/${id}`;
    await Deno.mkdir(folder, { recursive: true });
    await write(folder);
    await this.#ask({ type: "checkpoint-written", id, at });
  }

  /** Takes a line of the engine. */
  answer(line: string): void {
    const answer = JSON.parse(line) as StepAnswer; // written by the engine
    this.#waiting.get(answer.id)?.resolve(answer);
    this.#waiting.delete(answer.id);
  }

  async #ask(question: CheckpointQuestion): Promise<StepAnswer> {
    const waiting = Promise.withResolvers<StepAnswer>();
    this.#waiting.set(question.id, waiting);
    this.send(question);
    const answer = await waiting.promise;
    if (answer.problem !== undefined) throw new Error(answer.problem);
    return answer;
  }
}

function requireWhole(at: number): void {
  if (Number.isSafeInteger(at) && at >= 0) return;
  throw new RangeError(`A checkpoint lies at a whole number from 0 upward, not at ${at}`);
}
