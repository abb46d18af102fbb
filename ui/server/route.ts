// What an answer is: a path, what it is made from, and the shapes that all answers share.
import type { ProjectState } from "../../engine/mod.ts";
import type { PreviewRaster } from "../artifacts/raster_preview.ts";
import type { RunLibrary, RunReader } from "../runs/runs.ts";
import type { Workshop } from "../acts/workshop.ts";

/** What answers are made from. */
export interface Source {
  readonly state: ProjectState;
  readonly library: RunLibrary;
  /** Absent where the page only shows. */
  readonly workshop: Workshop | undefined;
  /** Absent where nothing draws GeoTIFFs. */
  readonly previewRaster: PreviewRaster | undefined;
}

/** A request with the named parts of its path. */
export interface Asked {
  readonly request: Request;
  readonly url: URL;
  readonly part: (name: string) => string;
}

/** Answers, or says with undefined that there is no such thing. */
export type Answer = (source: Source, asked: Asked) => Promise<Response | undefined>;

/** A path with what answers it. */
export type Route = readonly [pattern: URLPattern, answer: Answer];

/** Names a path, its parts as in `/runs/:run`. */
export function route(pathname: string, answer: Answer): Route {
  return [new URLPattern({ pathname }), answer];
}

/** Answers about a run; undefined where there is none. */
export async function withRun(
  { library }: Source,
  { part }: Asked,
  answer: (reader: RunReader) => Promise<Response> | Response,
): Promise<Response | undefined> {
  const reader = await library.find(part("run"));
  return reader === undefined ? undefined : await answer(reader);
}

/** Answers that there is no such thing. */
export function notFound(): Response {
  return json({ message: "There is no such thing here", hint: "It may have been deleted" }, 404);
}

/** Answers with JSON. */
export function json(value: unknown, status = 200): Response {
  return Response.json(value, { status, headers: { "cache-control": "no-store" } });
}
