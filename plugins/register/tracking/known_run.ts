// A run as its journal and recipe tell of it: what a server needs to hear of a step besides the event itself.
import {
  type AnnouncedStep,
  type Event,
  findAction,
  parseDigest,
  type ProjectState,
  readRecipe,
  type Recipe,
  type RecipeStep,
  type RunFolder,
} from "../../../engine/mod.ts";

/** How a step ended, as its line in the description says. */
export interface StepEnd {
  readonly status: "ran" | "reused" | "failed" | "skipped" | "cancelled";
  /** Why, or the run that made the result. */
  readonly detail: string;
}

/** An artifact that a step reads. */
export interface KnownInput {
  /** Step and output that made it, such as "tiles.tiles". */
  readonly name: string;
  readonly type: string;
  /** Tree digest, `sha256:…`. */
  readonly digest: string;
}

type Head = Extract<Event, { readonly type: "run-started" }>;

/** Folds a run's events. */
export class KnownRun {
  readonly #steps = new Map<string, AnnouncedStep>();
  readonly #outputs = new Map<string, Readonly<Record<string, string>>>();
  readonly #reused = new Map<string, string>();
  readonly ends = new Map<string, StepEnd>();
  #head: Head | undefined;
  #lastTimeMs = 0;
  #recipe: Recipe | undefined;

  constructor(private readonly state: ProjectState, private readonly run: RunFolder) {}

  get head(): Head | undefined {
    return this.#head;
  }

  /** When the last event happened. */
  get lastTimeMs(): number {
    return this.#lastTimeMs;
  }

  step(name: string): AnnouncedStep | undefined {
    return this.#steps.get(name);
  }

  /** What the run was asked to do; undefined where it was killed before that was written. */
  async recipe(): Promise<Recipe | undefined> {
    return this.#recipe ??= await readRecipe(this.run.recipePath);
  }

  async recipeOf(step: string): Promise<RecipeStep | undefined> {
    return (await this.recipe())?.steps[step];
  }

  /** Takes the next event of the journal. */
  hear(event: Event): void {
    this.#lastTimeMs = event.timeMs;
    switch (event.type) {
      case "run-started":
        this.#head = event;
        for (const step of event.steps) this.#steps.set(step.name, step);
        return;
      case "step-finished":
        this.#outputs.set(event.step, event.outputs);
        return this.#end(event.step, "ran", "");
      case "step-reused":
        this.#reused.set(event.step, event.fingerprint);
        return this.#end(event.step, "reused", `made by run ${event.madeBy}`);
      case "step-failed":
        return this.#end(event.step, "failed", event.message);
      case "step-skipped":
        return this.#end(event.step, "skipped", `because ${event.because} failed`);
      case "step-cancelled":
        return this.#end(event.step, "cancelled", "");
    }
  }

  /** The artifacts that a step reads, as far as they are known. */
  async inputsOf(step: string): Promise<readonly KnownInput[]> {
    const recipe = await this.recipe();
    const found: KnownInput[] = [];
    for (const { from, output } of recipe?.steps[step]?.inputs ?? []) {
      const type = recipe?.steps[from]?.outputs[output];
      const digest = (await this.#outputsOf(from))?.[output];
      if (type !== undefined && digest !== undefined) {
        found.push({ name: `${from}.${output}`, type, digest });
      }
    }
    return found;
  }

  async #outputsOf(step: string): Promise<Readonly<Record<string, string>> | undefined> {
    const fingerprint = parseDigest(this.#reused.get(step) ?? "");
    return this.#outputs.get(step) ??
      (fingerprint && (await findAction(this.state.store, fingerprint))?.outputs);
  }

  #end(step: string, status: StepEnd["status"], detail: string): void {
    this.ends.set(step, { status, detail });
  }
}
