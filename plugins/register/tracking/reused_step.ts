// Where a reused result came from, as tags of the step's MLflow run: a link instead of the same log again.
import { type Event, findAction, parseDigest, type Store } from "../../../engine/mod.ts";
import type { MlflowClient } from "../mlflow/client.ts";
import { findRun, linkTo } from "../mlflow/runs.ts";

/** Finds the MLflow run that made a result in the same experiment, and describes that. */
export async function originTags(
  client: MlflowClient,
  { store, experimentId }: { readonly store: Store; readonly experimentId: string },
  { step, fingerprint, madeBy }: Extract<Event, { readonly type: "step-reused" }>,
): Promise<Readonly<Record<string, string>>> {
  const digest = parseDigest(fingerprint);
  const record = digest && await findAction(store, digest);
  const marks = { "cairn.run": madeBy, "cairn.step": record?.step ?? step };
  const maker = await findRun(client, experimentId, marks);
  return {
    "cairn.fingerprint": fingerprint,
    "cairn.reused": "true",
    "cairn.made_by": maker?.runId ?? madeBy,
    "mlflow.note.content": maker === undefined
      ? `Reused: made by run ${madeBy}, which this experiment has not heard of.`
      : `Reused: made by [run ${madeBy}](${linkTo(client.settings, maker)}).`,
  };
}
