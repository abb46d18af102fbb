// The page's server as a function from request to response: guard, answer, secure. No port is needed to
// test it.
import type { ProjectState } from "../../engine/mod.ts";
import { ActionProblem } from "../acts/actions.ts";
import { admit } from "../access/admission.ts";
import { answer } from "./api.ts";
import { ArtifactProblem } from "../artifacts/artifacts.ts";
import { refusal, secured } from "../access/guard.ts";
import { json, notFound } from "./route.ts";
import type { PreviewRaster } from "../artifacts/raster_preview.ts";
import { RunLibrary } from "../runs/runs.ts";
import type { Workshop } from "../acts/workshop.ts";

/** What a page can do beside showing a state. */
export interface PageOptions {
  /** How it changes things; without, it only shows. */
  readonly workshop?: Workshop;
  /** What draws GeoTIFFs. */
  readonly previewRaster?: PreviewRaster;
  /** Names of this machine for others: they reach the page, so nothing is answered without the token. */
  readonly names?: ReadonlySet<string>;
}

/** Answers requests about one project's state. */
export function makeHandler(
  state: ProjectState,
  options: PageOptions = {},
): (request: Request) => Promise<Response> {
  const { workshop, previewRaster, names } = options;
  const token = workshop?.token;
  const reach = names === undefined ? { token } : { token, names };
  const source = { state, library: new RunLibrary(state.folder), workshop, previewRaster };
  return async (request) => {
    const refused = refusal(request, reach);
    if (refused !== undefined) return secured(json({ message: refused }, 403));
    const stopped = names === undefined ? undefined : admit(request, token ?? "");
    if (stopped !== undefined) return secured(stopped);
    try {
      return secured(await answer(source, request) ?? notFound());
    } catch (error) {
      return secured(problem(error));
    }
  };
}

function problem(error: unknown): Response {
  if (error instanceof ActionProblem) return json({ message: error.message }, 422);
  if (error instanceof ArtifactProblem) return json({ message: error.message }, error.status);
  if (error instanceof URIError) {
    return json({ message: "The address is not written as addresses are" }, 400);
  }
  const words = error instanceof Error ? error.message : String(error);
  return json({ message: `The server met a defect: ${words}` }, 500);
}
