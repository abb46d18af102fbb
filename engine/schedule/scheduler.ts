// The loop: starts what the plan allows, waits for something to end, tells the plan.
import { type Ending, Plan, type Skipped } from "./plan.ts";

export interface ScheduleOptions {
  readonly steps: readonly { readonly name: string; readonly dependsOn: readonly string[] }[];
  /** Does one step's work; must not reject. */
  readonly perform: (name: string) => Promise<Ending>;
  readonly onSkipped: (skipped: Skipped) => void;
  readonly onAbandoned: (name: string) => void;
  /** Whether steps that do not depend on a failed one still start. */
  readonly keepGoing: boolean;
  readonly signal: AbortSignal;
}

/** Performs all steps in dependency order, as many at once as their own waiting allows; gives the worst ending. */
export async function schedule(options: ScheduleOptions): Promise<Ending> {
  const plan = new Plan(options.steps);
  const running = new Map<string, Promise<readonly [string, Ending]>>();
  let worst: Ending = "succeeded";
  while (!plan.isOver) {
    const stopped = options.signal.aborted || (worst === "failed" && !options.keepGoing);
    if (stopped) plan.abandonWaiting().forEach(options.onAbandoned);
    for (const name of plan.takeReady()) {
      running.set(name, options.perform(name).then((ending) => [name, ending] as const));
    }
    if (running.size === 0) break;
    const [name, ending] = await Promise.race(running.values());
    running.delete(name);
    worst = worse(worst, ending);
    plan.finish(name, ending).forEach(options.onSkipped);
  }
  return options.signal.aborted ? "cancelled" : worst;
}

function worse(a: Ending, b: Ending): Ending {
  const order: readonly Ending[] = ["succeeded", "failed", "cancelled"];
  return order.indexOf(a) >= order.indexOf(b) ? a : b;
}
