// The loop: starts what the plan allows, waits for something to end, tells the plan.
import { type Ending, Plan } from "./plan.ts";

/** Why no further step may start: the signal's abort reason. */
export class StopStarting extends Error {
  override readonly name = "StopStarting";

  /** `because` names the step that failed; undefined where the run was interrupted. */
  constructor(readonly because: string | undefined) {
    super(because === undefined ? "the run was interrupted" : `step "${because}" failed`);
  }
}

export interface ScheduleOptions {
  readonly steps: readonly { readonly name: string; readonly dependsOn: readonly string[] }[];
  /** Does one step's work; must not reject. `mayStart` aborts with StopStarting as its reason. */
  readonly perform: (name: string, mayStart: AbortSignal) => Promise<Ending>;
  /** Told of each step that will never start. */
  readonly onNotStarted: (name: string, reason: StopStarting) => void;
  /** Whether steps that do not depend on a failed one still start. */
  readonly keepGoing: boolean;
  /** Aborted when the run is interrupted. */
  readonly signal: AbortSignal;
}

/** Performs all steps in dependency order, as many at once as their own waiting allows; gives the worst ending. */
export async function schedule(options: ScheduleOptions): Promise<Ending> {
  const plan = new Plan(options.steps);
  const starting = new AbortController();
  const interrupt = (): void => starting.abort(new StopStarting(undefined));
  options.signal.addEventListener("abort", interrupt, { once: true });
  if (options.signal.aborted) interrupt();
  const endings = new Endings();
  let worst: Ending = "succeeded";
  while (!plan.isOver) {
    if (starting.signal.aborted) {
      const reason: StopStarting = starting.signal.reason;
      plan.abandonWaiting().forEach((name) => options.onNotStarted(name, reason));
    }
    for (const name of plan.takeReady()) {
      endings.expect(name, options.perform(name, starting.signal));
    }
    if (endings.expected === 0) break;
    const [name, ending] = await endings.next();
    if (ending === "failed") {
      worst = "failed";
      if (!options.keepGoing) starting.abort(new StopStarting(name));
    }
    for (const skipped of plan.finish(name, ending)) {
      const because = options.signal.aborted ? undefined : skipped.because;
      options.onNotStarted(skipped.name, new StopStarting(because));
    }
  }
  options.signal.removeEventListener("abort", interrupt);
  return options.signal.aborted ? "cancelled" : worst;
}

/** Endings in the order in which they come; taking one costs the same however many are expected. */
class Endings {
  /** How many are still to be taken. */
  expected = 0;
  readonly #come: (readonly [string, Ending])[] = [];
  #wake: () => void = () => {};

  expect(name: string, ending: Promise<Ending>): void {
    this.expected++;
    void ending.then((ending) => {
      this.#come.push([name, ending]);
      this.#wake();
    });
  }

  /** Waits for the next one. */
  async next(): Promise<readonly [string, Ending]> {
    for (;;) {
      const first = this.#come.shift();
      if (first !== undefined) {
        this.expected--;
        return first;
      }
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }
}
