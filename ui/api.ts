// The API: each path with what it answers. `ui/README.md` is its documentation.
import type { ProjectState } from "../engine/mod.ts";
import {
  cancelRun,
  deleteRun,
  forecastRun,
  moveAlias,
  parseWish,
  type RunWish,
  startRun,
} from "./actions.ts";
import { listTree, sendFile } from "./artifacts.ts";
import { compareRuns } from "./compare_view.ts";
import { followLog, followRun, followRuns, streamResponse } from "./event_stream.ts";
import { layoutGraph } from "./layout.ts";
import { listModels } from "./models.ts";
import { sendPage, sendPageFile } from "./page_files.ts";
import type { StepView } from "./run_fold.ts";
import { listRunSummaries, viewRun } from "./run_view.ts";
import type { RunLibrary, RunReader } from "./runs.ts";
import { viewStep } from "./step_view.ts";
import { listWorkflows, openWorkflow, refuseUnknown, type Workshop } from "./workshop.ts";

/** What answers are made from. */
export interface Source {
  readonly state: ProjectState;
  readonly library: RunLibrary;
  /** Absent where the page only shows. */
  readonly workshop: Workshop | undefined;
}

/** A request with the named parts of its path. */
interface Asked {
  readonly request: Request;
  readonly url: URL;
  readonly part: (name: string) => string;
}

/** Answers, or says with undefined that there is no such thing. */
type Answer = (source: Source, asked: Asked) => Promise<Response | undefined>;

const LONGEST_TAIL_BYTES = 512 * 1024;

type Route = readonly [pattern: URLPattern, answer: Answer];

const ROUTES: readonly Route[] = [
  route("/", sendPage),
  route("/start", sendPage),
  route("/compare/:runs", sendPage),
  route("/models", sendPage),
  route("/runs/:run", sendPage),
  route("/runs/:run/steps/:step", sendPage),
  route("/page/:file", (_, { part }) => sendPageFile(part("file"))),
  route("/api/runs", answerRuns),
  route("/api/events", answerRunsEvents),
  route(
    "/api/runs/:run",
    (source, asked) =>
      withRun(source, asked, async (reader) => json(await viewRun(source.library, reader))),
  ),
  route("/api/runs/:run/graph", (source, asked) => withRun(source, asked, answerGraph(asked))),
  route("/api/runs/:run/events", (source, asked) => withRun(source, asked, answerEvents(asked))),
  route("/api/runs/:run/steps/:step", answerStep),
  route("/api/runs/:run/steps/:step/log", answerLog),
  route("/api/runs/:run/steps/:step/log/events", answerLogEvents),
  route("/api/compare/:runs", answerComparison),
  route("/api/artifacts/:tree", answerTree),
  route("/artifacts/:tree/:path+", answerFile),
  route("/api/models", answerModels),
  route("/api/workflows", answerWorkflows),
  route("/api/workflows/:file", answerWorkflow),
];

/** What changes something; asked with POST and the token. */
const CHANGES: readonly Route[] = [
  route("/api/forecast", answerForecast),
  route("/api/runs", answerStart),
  route("/api/runs/:run/cancel", answerCancel),
  route("/api/runs/:run/delete", answerDelete),
  route("/api/models/:model/aliases/:alias", answerAlias),
];

function route(pathname: string, answer: Answer): Route {
  return [new URLPattern({ pathname }), answer];
}

/** Finds what answers a request; undefined where nothing is there. */
export async function answer(source: Source, request: Request): Promise<Response | undefined> {
  const url = new URL(request.url);
  for (const [pattern, answer] of request.method === "POST" ? CHANGES : ROUTES) {
    const groups = pattern.exec(url)?.pathname.groups;
    if (groups === undefined) continue;
    const part = (name: string): string => decodeURIComponent(groups[name] ?? "");
    return await answer(source, { request, url, part });
  }
  return undefined;
}

async function answerRuns({ library }: Source, { url }: Asked): Promise<Response> {
  return json(await listRunSummaries(library, url.searchParams.get("before") ?? undefined));
}

function answerRunsEvents({ library }: Source): Promise<Response> {
  return Promise.resolve(streamResponse((pause) => followRuns(library, pause)));
}

async function withRun(
  { library }: Source,
  { part }: Asked,
  answer: (reader: RunReader) => Promise<Response> | Response,
): Promise<Response | undefined> {
  const reader = await library.find(part("run"));
  return reader === undefined ? undefined : await answer(reader);
}

function answerGraph({ url }: Asked): (reader: RunReader) => Response {
  const direction = url.searchParams.get("direction") === "down" ? "down" : "right";
  return (reader) => json(layoutGraph([...reader.fold.steps.values()], direction));
}

function answerEvents(asked: Asked): (reader: RunReader) => Response {
  return (reader) => streamResponse((pause) => followRun(reader, lastSeen(asked), pause));
}

/** Where a stream goes on: what the browser sends by itself after a lost connection comes first. */
function lastSeen({ request, url }: Asked): number {
  const text = request.headers.get("last-event-id") ?? url.searchParams.get("after") ?? "";
  return /^\d{1,15}$/.test(text) ? Number(text) : 0;
}

async function answerStep(source: Source, asked: Asked): Promise<Response | undefined> {
  return await withRun(source, asked, async (reader) => {
    const place = { reader, name: asked.part("step") };
    const page = await viewStep(source.library, source.state.store, place);
    return page === undefined ? notFound() : json(page);
  });
}

async function withStep(
  source: Source,
  asked: Asked,
  answer: (reader: RunReader, step: StepView) => Promise<Response> | Response,
): Promise<Response | undefined> {
  return await withRun(source, asked, async (reader) => {
    const step = reader.fold.steps.get(asked.part("step"));
    return step === undefined ? notFound() : await answer(reader, step);
  });
}

async function answerLog(source: Source, asked: Asked): Promise<Response | undefined> {
  return await withStep(source, asked, async ({ folder }, step) => {
    const file = await Deno.open(folder.logPath(step.name)).catch(() => undefined);
    if (file === undefined) return notFound();
    const name = encodeURIComponent(`${step.name}.log`);
    return new Response(file.readable, {
      headers: {
        "content-type": "text/plain; charset=utf-8",
        "content-disposition": `attachment; filename*=UTF-8''${name}`,
      },
    });
  });
}

async function answerLogEvents(source: Source, asked: Asked): Promise<Response | undefined> {
  return await withStep(source, asked, (reader, { name }) => {
    const isOver = async (): Promise<boolean> => {
      await reader.refresh();
      return reader.outcome !== "running" || reader.fold.steps.get(name)?.endedAtMs !== undefined;
    };
    const path = reader.folder.logPath(name);
    const from = lastSeen(asked) || startOfTail(path);
    return streamResponse((pause) => followLog(path, from, { isOver, pause }));
  });
}

/** Where the part of a log begins that people look at; the whole of it can be downloaded. */
function startOfTail(path: string): number {
  try {
    return Math.max(0, Deno.statSync(path).size - LONGEST_TAIL_BYTES);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return 0; // not started yet
    throw error;
  }
}

async function answerComparison(
  { library, state }: Source,
  { part }: Asked,
): Promise<Response | undefined> {
  const comparison = await compareRuns(library, state.store, part("runs").split(","));
  return comparison && json(comparison);
}

async function answerTree({ state }: Source, { part }: Asked): Promise<Response | undefined> {
  const tree = await listTree(state.store, part("tree"));
  return tree === undefined ? undefined : json(tree);
}

async function answerFile({ state }: Source, { url, part }: Asked): Promise<Response | undefined> {
  const asDownload = url.searchParams.has("download");
  return await sendFile(state.store, { hex: part("tree"), path: part("path"), asDownload });
}

async function answerWorkflows({ workshop, library }: Source): Promise<Response | undefined> {
  return workshop && json({ files: await listWorkflows(workshop, library) });
}

async function answerWorkflow(
  { workshop, library }: Source,
  { part }: Asked,
): Promise<Response | undefined> {
  return workshop && json(await openWorkflow(workshop, library, part("file")));
}

async function answerForecast(
  { workshop, library }: Source,
  { request }: Asked,
): Promise<Response | undefined> {
  if (workshop === undefined) return undefined;
  const wish = await knownWish(workshop, library, request);
  return json({ steps: await forecastRun(workshop, wish) });
}

async function answerStart(
  { workshop, library }: Source,
  { request }: Asked,
): Promise<Response | undefined> {
  if (workshop === undefined) return undefined;
  const wish = await knownWish(workshop, library, request);
  return json({ run: await startRun(workshop, wish) }, 201);
}

async function knownWish(
  workshop: Workshop,
  library: RunLibrary,
  request: Request,
): Promise<RunWish> {
  const wish = parseWish(await request.json().catch(() => undefined));
  await refuseUnknown(workshop, library, wish.file);
  return wish;
}

async function answerCancel(source: Source, asked: Asked): Promise<Response | undefined> {
  return await withRun(source, asked, async (reader) => {
    await cancelRun(reader);
    return json({}, 202);
  });
}

async function answerDelete(source: Source, asked: Asked): Promise<Response | undefined> {
  const { workshop } = source;
  if (workshop === undefined) return undefined;
  return await withRun(source, asked, async ({ folder }) => {
    await deleteRun(workshop, folder.id);
    return json({});
  });
}

async function answerModels({ state, library }: Source): Promise<Response> {
  return json({ models: await listModels(state, library) });
}

async function answerAlias(
  { workshop }: Source,
  { request, part }: Asked,
): Promise<Response | undefined> {
  if (workshop === undefined) return undefined;
  const body: { readonly version?: unknown } | null = await request.json().catch(() => null);
  const version = String(body?.version);
  await moveAlias(workshop, { model: part("model"), alias: part("alias"), version });
  return json({});
}

/** Answers that there is no such thing. */
export function notFound(): Response {
  return json({ message: "There is no such thing here", hint: "It may have been deleted" }, 404);
}

/** Answers with JSON. */
export function json(value: unknown, status = 200): Response {
  return Response.json(value, { status, headers: { "cache-control": "no-store" } });
}
