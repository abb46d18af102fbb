// All probes of reuse, and the table of what each came to.
import { STEP_KINDS, type StepKind } from "./chain.ts";
import { damageProbes } from "./damaged.ts";
import { movingProbes } from "./moving.ts";
import type { Probe } from "./probe.ts";
import { reachProbes, unchangedProbes } from "./unchanged.ts";

/** The fifteen probes in order. */
export const PROBES: readonly Probe[] = [
  ...unchangedProbes,
  ...damageProbes,
  ...movingProbes,
  ...reachProbes,
].sort((a, b) => a.number - b.number);

/** What a probe came to with one kind of steps. */
export interface Outcome {
  readonly probe: Probe;
  readonly kind: StepKind;
  /** Undefined where all is well. */
  readonly failure: unknown;
}

/** Makes every check, with one kind of steps after the other. */
export async function measure(probes: readonly Probe[]): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const probe of probes) {
    for (const kind of STEP_KINDS) {
      const failure = await probe.check(kind).then(() => undefined, (error) => error ?? "failed");
      outcomes.push({ probe, kind, failure });
    }
  }
  return outcomes;
}

/** The table: a line per probe with a mark for each kind of steps, then how many are well. */
export function tableOf(probes: readonly Probe[], outcomes: readonly Outcome[]): string {
  const isWell = (probe: Probe, kind?: StepKind): boolean =>
    outcomes.filter((outcome) =>
      outcome.probe === probe && (kind === undefined || outcome.kind === kind)
    ).every(({ failure }) => failure === undefined);
  const width = Math.max(...probes.map(({ name }) => name.length));
  const rows = probes.map((probe) => {
    const marks = STEP_KINDS.map((kind) => (isWell(probe, kind) ? "✔" : "✘").padEnd(kind.length));
    return [`${String(probe.number).padStart(2)} ${probe.name.padEnd(width)}`, ...marks];
  });
  const lines = [
    ["probe".padEnd(width + 3), ...STEP_KINDS],
    ["-".repeat(width + 3), ...STEP_KINDS.map((kind) => "-".repeat(kind.length))],
    ...rows,
  ].map((cells) => `| ${cells.join(" | ")} |`);
  const well = probes.filter((probe) => isWell(probe)).length;
  return `${lines.join("\n")}\n${well} of ${probes.length} probes are well\n`;
}
