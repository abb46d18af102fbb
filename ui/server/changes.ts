// What the page changes, asked with POST and the token: each path with the command that it becomes.
import {
  cancelRun,
  deleteRun,
  forecastRun,
  moveAlias,
  parseWish,
  type RunWish,
  startRun,
} from "../acts/actions.ts";
import { type Asked, json, type Route, route, type Source, withRun } from "./route.ts";
import type { RunLibrary } from "../runs/runs.ts";
import { refuseUnknown, type Workshop } from "../acts/workshop.ts";

/** What changes something. */
export const CHANGES: readonly Route[] = [
  route("/api/forecast", answerForecast),
  route("/api/runs", answerStart),
  route("/api/runs/:run/cancel", answerCancel),
  route("/api/runs/:run/delete", answerDelete),
  route("/api/models/:model/aliases/:alias", answerAlias),
];

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
