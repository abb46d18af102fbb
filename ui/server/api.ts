// The API: each path with what it answers. `ui/README.md` is its documentation.
import { listTree, sendFile, sendZip } from "../artifacts/artifacts.ts";
import { CHANGES } from "./changes.ts";
import { compareRuns } from "../views/compare_view.ts";
import { followLog, followRun, followRuns, streamResponse } from "../views/event_stream.ts";
import { viewGraph } from "../graph/graph_view.ts";
import { listModels } from "../views/models.ts";
import { sendPage, sendPageFile } from "./page_files.ts";
import { previewFile } from "../artifacts/raster_preview.ts";
import type { StepView } from "../runs/run_fold.ts";
import { listRunSummaries, viewRun } from "../views/run_view.ts";
import type { RunReader } from "../runs/runs.ts";
import { viewStep } from "../views/step_view.ts";
import { type Asked, json, notFound, type Route, route, type Source, withRun } from "./route.ts";
import { listWorkflows, openWorkflow } from "../acts/workshop.ts";

const LONGEST_TAIL_BYTES = 512 * 1024;

const ROUTES: readonly Route[] = [
  route("/", sendPage),
  route("/start", sendPage),
  route("/compare/:runs", sendPage),
  route("/models", sendPage),
  route("/runs/:run", sendPage),
  route("/runs/:run/steps/:step", sendPage),
  route("/page/:file+", (_, { part }) => sendPageFile(part("file"))),
  route("/api", answerPaths),
  route("/api/runs", answerRuns),
  route("/api/events", answerRunsEvents),
  route(
    "/api/runs/:run",
    (source, asked) =>
      withRun(source, asked, async (reader) => json(await viewRun(source.library, reader))),
  ),
  route("/api/runs/:run/graph", (source, asked) => withRun(source, asked, answerGraph(asked))),
  route("/api/runs/:run/load", answerLoad),
  route("/api/runs/:run/events", (source, asked) => withRun(source, asked, answerEvents(asked))),
  route("/api/runs/:run/steps/:step", answerStep),
  route("/api/runs/:run/steps/:step/log", answerLog),
  route("/api/runs/:run/steps/:step/log/events", answerLogEvents),
  route("/api/compare/:runs", answerComparison),
  route("/api/artifacts/:tree", answerTree),
  route("/api/artifacts/:tree/preview/:path+", answerPreview),
  route("/artifacts/:tree.zip", answerZip),
  route("/artifacts/:tree/:path+", answerFile),
  route("/api/models", answerModels),
  route("/api/workflows", answerWorkflows),
  route("/api/workflows/:file", answerWorkflow),
];

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

/** What there is, for programs that look around; `ui/README.md` says what each is. */
function answerPaths(): Promise<Response> {
  const pathsOf = (routes: readonly Route[]): readonly string[] =>
    routes.map(([{ pathname }]) => pathname).filter((path) => /^\/(?:api|artifacts)\b/.test(path));
  return Promise.resolve(json({ get: pathsOf(ROUTES), post: pathsOf(CHANGES) }));
}

async function answerRuns({ library }: Source, { url }: Asked): Promise<Response> {
  return json(await listRunSummaries(library, url.searchParams.get("before") ?? undefined));
}

function answerRunsEvents({ library }: Source): Promise<Response> {
  return Promise.resolve(streamResponse((pause) => followRuns(library, pause)));
}

function answerGraph({ url }: Asked): (reader: RunReader) => Response {
  const direction = url.searchParams.get("direction") === "down" ? "down" : "right";
  const open = new Set(url.searchParams.getAll("open"));
  return (reader) => json(viewGraph([...reader.fold.steps.values()], { direction, open }));
}

function answerEvents(asked: Asked): (reader: RunReader) => Response {
  const after = { event: lastSeen(asked), sample: numberOf(asked.url.searchParams.get("load")) };
  return (reader) => streamResponse((pause) => followRun(reader, after, pause));
}

async function answerLoad(source: Source, asked: Asked): Promise<Response | undefined> {
  return await withRun(source, asked, async (reader) => json({ samples: await reader.load() }));
}

/** Where a stream goes on: what the browser sends by itself after a lost connection comes first. */
function lastSeen({ request, url }: Asked): number {
  return numberOf(request.headers.get("last-event-id") ?? url.searchParams.get("after"));
}

function numberOf(text: string | null): number {
  return /^\d{1,15}$/.test(text ?? "") ? Number(text) : 0;
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

async function answerPreview(
  { state, previewRaster: preview }: Source,
  { request, part }: Asked,
): Promise<Response | undefined> {
  if (preview === undefined) return undefined;
  const place = { hex: part("tree"), path: part("path") };
  const { signal } = request;
  const shown = await previewFile(state.store, place, { preview, signal });
  return shown && json(shown);
}

async function answerZip({ state }: Source, { url, part }: Asked): Promise<Response | undefined> {
  const name = url.searchParams.get("name") ?? "";
  return await sendZip(state.store, { hex: part("tree"), name });
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

async function answerModels({ state, library }: Source): Promise<Response> {
  return json({ models: await listModels(state, library) });
}
