// What addresses of models on a server mean: asked once before a run or a forecast, and put into the options of
// the steps, so that it is in their fingerprints. The last answers serve while the server is away.
import { createHash } from "node:crypto";
import type { Graph, GraphStep, ResolveAddresses, RunRequest } from "../../../engine/mod.ts";
import { parseAddress } from "../address.ts";
import { MlflowClient, MlflowError } from "../mlflow/client.ts";
import { type FoundModel, foundModel, resolveAddress } from "../mlflow/resolve.ts";
import { answerWithinMs, findServer, problem } from "./server.ts";
import { waitingFolder } from "./waiting.ts";

/** Puts what addresses on the server mean into the options of the steps that give them. */
export const resolveOnServer: ResolveAddresses = async (request) => {
  const { graph, signal, tell } = request;
  const server = await findServer(request);
  if (server === undefined) return graph;
  const client = new MlflowClient(server.settings, signal, answerWithinMs);
  const steps = new Map(graph.steps);
  let away: MlflowError | undefined;
  for (const step of graph.steps.values()) {
    const address = step.plugin.name === "registered" && step.resolved.config["from"] !== "local"
      ? String(step.resolved.config["model"])
      : undefined;
    if (address === undefined) continue;
    const path = memoryPath(request, client, address);
    const answer = away ?? await ask(client, step, address);
    if (answer instanceof MlflowError) away = answer;
    else await remember(path, answer);
    const found = answer instanceof MlflowError ? await recall(path) : answer;
    if (found !== undefined) steps.set(step.name, withMeaning(step, found));
  }
  if (away !== undefined) {
    tell(`mlflow: ${away.message}; addresses of models mean what they meant before`);
  }
  return { ...graph, steps } satisfies Graph;
};

/** What the server says; an error where only time helps. */
async function ask(
  client: MlflowClient,
  step: GraphStep,
  text: string,
): Promise<FoundModel | MlflowError> {
  const address = parseAddress(text);
  if (address === undefined) throw new TypeError(`"${text}" was checked before`);
  try {
    return await resolveAddress(client, address);
  } catch (error) {
    if (!(error instanceof MlflowError)) throw error;
    if (error.remedy === "wait") return error;
    throw problem(error, error.remedy === "none" ? step : undefined);
  }
}

function withMeaning(step: GraphStep, { title, uri, digest }: FoundModel): GraphStep {
  const config = { ...step.resolved.config, resolved: { title, uri, digest } };
  return { ...step, resolved: { ...step.resolved, config } };
}

function memoryPath({ state }: RunRequest, { settings }: MlflowClient, address: string): string {
  const key = createHash("sha256").update(`${settings.base}\0${address}`).digest("hex");
  return `${waitingFolder(state)}/meanings/${key.slice(0, 16)}.json`;
}

async function remember(path: string, found: FoundModel): Promise<void> {
  await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  const staged = `${path}.${crypto.randomUUID()}`;
  await Deno.writeTextFile(staged, JSON.stringify(found));
  await Deno.rename(staged, path);
}

/** The last answer; undefined where there is none. */
async function recall(path: string): Promise<FoundModel | undefined> {
  const text = await Deno.readTextFile(path).catch(() => undefined);
  return text === undefined ? undefined : foundModel.parse(JSON.parse(text));
}
