// Reads runs from their folders, also while another process writes them. A run that has ended is read once.
import {
  type Event,
  isRunning,
  JournalReader,
  listRuns,
  LoadReader,
  type LoadSample,
  type Progress,
  readProgress,
  readRecipe,
  type Recipe,
  type RunFolder,
  runFolder,
} from "../../engine/mod.ts";
import { RunFold, type RunHead, type StepView } from "./run_fold.ts";

/** How a run stands; "interrupted" where its process died before it could say how it ended. */
export type RunOutcomeView = RunHead["outcome"] | "interrupted";

/** One run that can be looked at again and again. */
export class RunReader {
  readonly events: Event[] = [];
  readonly fold: RunFold;
  readonly #journal: JournalReader;
  readonly #load: LoadReader;
  readonly #samples: LoadSample[] = [];
  #isAlive = true;
  #refreshing: Promise<void> | undefined;
  #loading: Promise<void> | undefined;

  constructor(readonly folder: RunFolder) {
    this.fold = new RunFold(folder.id);
    this.#journal = new JournalReader(folder.journalPath);
    this.#load = new LoadReader(folder.loadPath);
  }

  /** Says how the run stood at the last refresh. */
  get outcome(): RunOutcomeView {
    const { outcome } = this.fold.head;
    return outcome === "running" && !this.#isAlive ? "interrupted" : outcome;
  }

  /** Takes what was added since; throws NotFound where the run was deleted. */
  async refresh(): Promise<void> {
    // Two readings at once would take events twice.
    this.#refreshing ??= this.#read().finally(() => this.#refreshing = undefined);
    await this.#refreshing;
  }

  /** How far running steps are. */
  async progress(): Promise<Progress> {
    return this.outcome === "running" ? await readProgress(this.folder.progressPath) : {};
  }

  /** How busy the machine was until now. */
  async load(): Promise<readonly LoadSample[]> {
    this.#loading ??= this.#load.next().then((samples) => {
      this.#samples.push(...samples);
      this.#loading = undefined;
    });
    await this.#loading;
    return this.#samples;
  }

  /** What the run was asked to do. */
  async recipe(): Promise<Recipe | undefined> {
    return await readRecipe(this.folder.recipePath);
  }

  async #read(): Promise<void> {
    if (this.fold.head.outcome !== "running") {
      await Deno.stat(this.folder.path); // what has ended does not change, but may be deleted
      return;
    }
    const isAlive = await isRunning(this.folder); // asked first: what a live run writes last is read
    for (const event of await this.#journal.next()) {
      this.events.push(event);
      this.fold.take(event);
    }
    this.#isAlive = isAlive;
  }
}

/** All runs of a project. */
export class RunLibrary {
  readonly #readers = new Map<string, RunReader>();

  constructor(private readonly stateFolder: string) {}

  /** Ids of all runs, newest first. */
  get ids(): readonly string[] {
    return listRuns(this.stateFolder);
  }

  /** Finds a run and reads what is new of it; undefined where there is none of that name. */
  async find(id: string): Promise<RunReader | undefined> {
    if (!/^[\w-]+$/.test(id)) return undefined;
    const reader = this.#readers.get(id) ?? new RunReader(runFolder(this.stateFolder, id));
    try {
      await reader.refresh();
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      this.#readers.delete(id);
      return undefined;
    }
    this.#readers.set(id, reader);
    return reader;
  }

  /** Finds where a step's result was made: in this run, or in the one whose result it reuses. */
  async origin(reader: RunReader, step: StepView): Promise<Origin | undefined> {
    if (step.status !== "reused") return { reader, step: step.name };
    const maker = await this.find(step.madeBy ?? "");
    const made = [...maker?.fold.steps.values() ?? []].find(({ fingerprint, status }) =>
      fingerprint === step.fingerprint && status === "ran"
    );
    return maker === undefined || made === undefined
      ? undefined
      : { reader: maker, step: made.name };
  }
}

/** A step of a run that did the work. */
export interface Origin {
  readonly reader: RunReader;
  readonly step: string;
}
