// Who started a run: for people who look at it later, never for what it makes.

/** Who started a run, and how. */
export interface Starter {
  /** Name of the account; absent where the system tells none. */
  readonly user?: string;
  /** A person at a terminal or on the page, or another program. */
  readonly from: "terminal" | "page" | "program";
}
