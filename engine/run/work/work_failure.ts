// Why a step's process did not do its work, in words for people.
import type { GraphStep } from "../../graph/graph.ts";
import { type CodePlace, denialIn, placesIn } from "../process/denial.ts";
import { describeDenial } from "../process/describe_denial.ts";
import type { FailureKind } from "../../workflow/workflow.ts";
import type { Prepared } from "../reuse/material.ts";
import type { RunContext } from "../run_context.ts";
import type { StepLogFile } from "./step_log.ts";
import type { ProcessEnd } from "../process/step_process.ts";

/** Thrown where the process did not do its work; the message is for people. */
export class WorkFailure extends Error {
  override readonly name = "WorkFailure";
  readonly hint: string | undefined;
  readonly pluginStack: string | undefined;
  /** Undefined where another attempt would fail just so. */
  readonly kind: FailureKind | undefined;
  /** Of a program that ended by itself. */
  readonly exitCode: number | undefined;
  /** The most memory that its process was seen to take; undefined for short ones. */
  readonly peakMemoryBytes: number | undefined;

  constructor(
    failure: {
      readonly message: string;
      readonly hint?: string;
      readonly stack?: string;
      readonly kind?: FailureKind;
      readonly exitCode?: number;
      readonly peakMemoryBytes?: number;
    },
    readonly lastLines: readonly string[],
    /** Where in the plugin's code it happened. */
    readonly reachedAt?: CodePlace,
  ) {
    super(failure.message);
    this.hint = failure.hint;
    this.pluginStack = failure.stack;
    this.kind = failure.kind;
    this.exitCode = failure.exitCode;
    this.peakMemoryBytes = failure.peakMemoryBytes;
  }
}

/** The failure of a step's process in words; one of the sandbox says what to declare. */
export function failureOf(
  end: Extract<ProcessEnd, { how: "failed" }>,
  { context, step, folder, prepared, log }: {
    readonly context: RunContext;
    readonly step: GraphStep;
    readonly folder: string;
    readonly prepared: Prepared;
    readonly log: StepLogFile;
  },
): WorkFailure {
  // A worker that cannot even be loaded says so in its printed words only.
  const printed = end.message.endsWith("Unhandled error in child worker.")
    ? denialIn(log.lastLines.join("\n"), "")
    : undefined;
  const denial = end.denial ?? printed;
  const places = denial?.places ?? placesIn(end.stack ?? "");
  const own = places.find(({ path }) => prepared.code.stamps.has(path));
  if (denial === undefined) return new WorkFailure(end, log.lastLines, own);
  const words = describeDenial(denial, { context, step, workFolder: folder, kindAt });
  return new WorkFailure(words, log.lastLines, own);
}

function kindAt(path: string): "file" | "folder" | undefined {
  try {
    return Deno.statSync(path).isDirectory ? "folder" : "file";
  } catch {
    return undefined; // words do without it
  }
}
