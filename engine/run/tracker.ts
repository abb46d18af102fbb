// What follows a run from outside, such as the client of a tracking server. The engine tells it when there
// is something new in the journal, and passes on what steps need to report there themselves.
import type { Graph } from "../graph/graph.ts";
import type { Environment } from "./process/sandbox.ts";
import type { ProjectState, RunFolder } from "./folder/run_folder.ts";

/** What is known before a run begins. */
export interface RunRequest {
  readonly graph: Graph;
  readonly state: ProjectState;
  readonly environment: Environment;
  /** Aborted when the run is interrupted. */
  readonly signal: AbortSignal;
  /** Tells a person a line that is no part of the run itself. */
  readonly tell: (line: string) => void;
}

/**
 * Makes a tracker where the environment or the workflow asks for one; throws DiagnosticsError where it is
 * certain that tracking will fail.
 */
export type OpenTracker = (request: RunRequest) => Promise<Tracker | undefined>;

/**
 * Finds out what options that are addresses outside mean at this moment, and puts that into the options: so it
 * is the same for the whole of a run, and part of fingerprints. Gives the same graph where there are none;
 * throws DiagnosticsError for an address of nothing.
 */
export type ResolveAddresses = (request: RunRequest) => Promise<Graph>;

/** Follows one run. Nothing that goes wrong outside may fail the run or hold it up. */
export interface Tracker {
  /** The run begins; its journal is still empty. */
  begin(run: RunFolder): Promise<void>;
  /** The journal has grown; returns at once. */
  hear(): void;
  /** Variables for the process of a step that has been announced as started; never in a fingerprint. */
  variablesFor(step: string): Promise<Readonly<Record<string, string>>>;
  /** The run is over; done once all is told, or given up for now. */
  finish(): Promise<void>;
}
