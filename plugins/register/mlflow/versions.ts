// Registered models on an MLflow server: their versions, and the aliases that point at them.
import { z } from "../../../engine/plugin.ts";
import { decidePromotion, type Promotion, type PromotionRule, type Rated } from "../promotion.ts";
import type { VersionRecord } from "../version_record.ts";
import type { MlflowClient } from "./client.ts";
import { digestTag, type LoggedModel } from "./models.ts";
import { type MlflowRun, pairs } from "./runs.ts";

type RecordedScores = VersionRecord["scores"];

/** A version to be made. */
export interface NewVersion {
  readonly name: string;
  readonly digest: string;
  /** What the version's page says, Markdown. */
  readonly description: string;
  readonly scores: RecordedScores;
  /** Its number in the local registry, and the run that registered it there. */
  readonly local: { readonly version: number; readonly run: string | null };
}

const nothing = z.looseObject({});
/** Tags of every version: which finds the one of an equal model, its scores, what was decided of it. */
const tags = {
  digest: digestTag,
  version: "cairn.version",
  run: "cairn.run",
  scores: "cairn.scores",
  promotion: "cairn.promotion",
};

const holderReply = z.object({
  model_version: z.object({
    version: z.coerce.string(),
    tags: z.array(z.object({ key: z.string(), value: z.string().default("") })).default([]),
  }),
});

const ratedScores = z.object({
  split: z.string(),
  accuracy: z.number(),
  meanIou: z.number(),
  macroF1: z.number(),
});

/** Finds the version of a registered model whose files have that digest. */
export async function findVersion(
  client: MlflowClient,
  name: string,
  digest: string,
): Promise<string | undefined> {
  const reply = z.object({
    model_versions: z.array(z.object({ version: z.coerce.string() })).default([]),
  });
  const { model_versions: [found] } = await client.call(
    reply,
    ["GET", "mlflow/model-versions/search"],
    {
      query: { filter: `name='${name}' AND tags.\`${tags.digest}\`='${digest}'`, max_results: "1" },
    },
  );
  return found?.version;
}

/** Registers a logged model as the next version of a name, which is made where it is new. */
export async function createVersion(
  client: MlflowClient,
  { run, model }: { readonly run: MlflowRun; readonly model: LoggedModel },
  version: NewVersion,
): Promise<string> {
  const { name, digest, description, scores, local } = version;
  const made = await client.attempt(nothing, ["POST", "mlflow/registered-models/create"], {
    json: { name },
  });
  if ("refusal" in made && made.refusal.code !== "RESOURCE_ALREADY_EXISTS") {
    throw client.refused(made.refusal);
  }
  const reply = z.object({ model_version: z.object({ version: z.coerce.string() }) });
  const { model_version } = await client.call(reply, ["POST", "mlflow/model-versions/create"], {
    json: {
      name,
      source: `models:/${model.modelId}`,
      run_id: run.runId,
      model_id: model.modelId,
      description,
      tags: pairs({
        [tags.digest]: digest,
        [tags.scores]: JSON.stringify(scores),
        [tags.version]: String(local.version),
        ...local.run !== null && { [tags.run]: local.run },
      }),
    },
  });
  return model_version.version;
}

/** Points an alias at a version. */
export async function moveAlias(
  client: MlflowClient,
  name: string,
  { alias, version }: { readonly alias: string; readonly version: string },
): Promise<void> {
  await client.call(nothing, ["POST", "mlflow/registered-models/alias"], {
    json: { name, alias, version },
  });
}

/** Gives an alias to a version if it is better than the one that has it, and notes why on the version. */
export async function promoteOnServer(
  client: MlflowClient,
  name: string,
  { rule, candidate }: {
    readonly rule: PromotionRule;
    readonly candidate: Parameters<typeof decidePromotion>[1];
  },
): Promise<Promotion> {
  const { version } = candidate;
  const holder = await aliasHolder(client, name, rule.alias);
  const promotion = decidePromotion(rule, candidate, holder);
  if (promotion.isPromoted) await moveAlias(client, name, { alias: rule.alias, version });
  // Why it became what it is stays the more telling.
  if (promotion.before === version) return promotion;
  await notePromotion(client, name, { version, reason: promotion.reason });
  return promotion;
}

/** Notes on a version why it did or did not become what it is. */
export async function notePromotion(
  client: MlflowClient,
  name: string,
  { version, reason }: { readonly version: string; readonly reason: string },
): Promise<void> {
  await client.call(nothing, ["POST", "mlflow/model-versions/set-tag"], {
    json: { name, version, key: tags.promotion, value: reason },
  });
}

/** Finds the version that has an alias; its digest is undefined where somebody else registered it. */
export async function aliasHolder(
  client: MlflowClient,
  name: string,
  alias: string,
): Promise<Rated & { readonly digest: string | undefined } | undefined> {
  const found = await client.attempt(holderReply, ["GET", "mlflow/registered-models/alias"], {
    query: { name, alias },
  });
  if ("refusal" in found) {
    // An alias that nobody has is an invalid parameter to MLflow.
    const isUnknown = /^(INVALID_PARAMETER_VALUE|RESOURCE_DOES_NOT_EXIST)$/.test(
      found.refusal.code,
    );
    if (isUnknown) return undefined;
    throw client.refused(found.refusal);
  }
  const { version, tags: noted } = found.body.model_version;
  const valueOf = (tag: string): string | undefined => noted.find(({ key }) => key === tag)?.value;
  return { version, scores: scoresIn(valueOf(tags.scores)), digest: valueOf(tags.digest) };
}

/** Scores that another registration noted; null where there are none, or somebody else's. */
function scoresIn(text: string | undefined): Rated["scores"] {
  try {
    return ratedScores.nullable().parse(JSON.parse(text ?? "null"));
  } catch {
    return null;
  }
}
