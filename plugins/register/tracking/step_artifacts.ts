// What a step made, for its MLflow run: small outputs as files, scores also as metrics. Curves were told while it ran.
import { DamagedObjectError, parseDigest, type Store } from "../../../engine/mod.ts";
import { StepError } from "../../../engine/plugin.ts";
import { readScores } from "../../scores/scores.ts";
import { readManifest } from "../../tiles/manifest.ts";
import { upload, uploadFolder } from "../mlflow/artifacts.ts";
import type { MlflowClient } from "../mlflow/client.ts";
import { scoreMetrics } from "../mlflow/facts.ts";
import {
  type Dataset,
  logDataset,
  logMetrics,
  type Metric,
  type MlflowRun,
  setTags,
} from "../mlflow/runs.ts";
import type { KnownInput } from "./known_run.ts";

/** A finished step's output. */
export interface Made {
  readonly port: string;
  readonly type: string;
  /** Tree digest. */
  readonly digest: string;
}

/** Artifacts that have their own place on a server, or are the data themselves. */
const keptHere: ReadonlySet<string> = new Set(["tiles", "images", "model"]);
const largestOutputBytes = 64 * 2 ** 20;
const longestLogBytes = 16 * 2 ** 20;

/** Tells of an output; one that is too large or gone is noted on the run. */
export async function tellOutput(
  client: MlflowClient,
  { store, run, endedAtMs }: {
    readonly store: Store;
    readonly run: MlflowRun;
    readonly endedAtMs: number;
  },
  { port, type, digest }: Made,
): Promise<void> {
  if (keptHere.has(type)) return;
  const leaveOut = (why: string): Promise<void> =>
    setTags(client, run, { [`cairn.left_out.${port}`]: why });
  try {
    await withView(store, digest, async ({ path, sizeBytes }) => {
      if (sizeBytes > largestOutputBytes) return await leaveOut(`${sizeBytes} bytes are too many`);
      await uploadFolder(client, { uri: run.artifactUri, under: `${port}/` }, { folder: path });
      if (type === "scores") await logMetrics(client, run, await scoresIn(path, endedAtMs));
    });
  } catch (error) {
    if (!(error instanceof DamagedObjectError)) throw error;
    await leaveOut("it is no longer in the store");
  }
}

/** Uploads what the step printed and reported, if it did. */
export async function tellLog(client: MlflowClient, run: MlflowRun, path: string): Promise<void> {
  const info = await Deno.stat(path).catch(() => undefined);
  if (info === undefined || info.size === 0 || info.size > longestLogBytes) return;
  await upload(client, { uri: run.artifactUri, path: "log.txt" }, await Deno.readFile(path));
}

async function scoresIn(path: string, timestampMs: number): Promise<Metric[]> {
  try {
    const point = { timestampMs, step: 0 };
    return scoreMetrics(await readScores(path)).map((score) => ({ ...score, ...point }));
  } catch (error) {
    // A plugin of somebody else's may call other files by this name.
    if (error instanceof StepError || error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

/** Shows the data that a step reads as datasets of its run: tiles split by split. */
export async function tellDatasets(
  client: MlflowClient,
  { store, run }: { readonly store: Store; readonly run: MlflowRun },
  { inputs, kind, split }: {
    readonly inputs: readonly KnownInput[];
    readonly kind: string;
    /** The split that the step's options name. */
    readonly split: string | undefined;
  },
): Promise<void> {
  for (const { name, type, digest } of inputs) {
    if (type !== "tiles" && type !== "images") continue;
    const splits = type === "images" ? [] : splitsOf(kind, split);
    const profile = type === "images" ? {} : await profileOf(store, digest);
    const short = digest.slice("sha256:".length).slice(0, 36);
    for (const each of splits.length === 0 ? [undefined] : splits) {
      const dataset: Dataset = {
        name: each === undefined ? name : `${name}/${each}`,
        digest: short,
        profile,
      };
      await logDataset(client, run, { use: each ?? "input", dataset });
    }
  }
}

function splitsOf(kind: string, split: string | undefined): readonly string[] {
  if (kind === "train") return ["train", "val"];
  return kind === "test" ? [split ?? "test"] : [];
}

async function profileOf(store: Store, digest: string): Promise<Dataset["profile"]> {
  try {
    return await withView(store, digest, async ({ path }) => {
      const { tiles, tile, bands } = await readManifest(path);
      const counts = { train: 0, val: 0, test: 0 };
      for (const each of tiles) counts[each.split]++;
      return { tiles: tiles.length, ...counts, edge: tile, bands };
    });
  } catch {
    return {}; // somebody's own kind of tiles, or no longer there
  }
}

/** Looks at a stored tree while nothing can be deleted. */
async function withView<T>(
  store: Store,
  digest: string,
  look: (view: { readonly path: string; readonly sizeBytes: number }) => Promise<T>,
): Promise<T> {
  const parsed = parseDigest(digest);
  if (parsed === undefined) throw new TypeError(`"${digest}" is no digest`);
  return await store.access.share(async () => {
    const { path, tree } = await store.view(parsed);
    return await look({ path, sizeBytes: tree.sizeBytes });
  });
}
