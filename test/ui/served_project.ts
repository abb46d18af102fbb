// A project whose workflow has run, with the page's server in front of it, without a port.
import { openProjectState } from "../../engine/mod.ts";
import type { CommandEnd, CommandLine } from "../../ui/acts/cairn_process.ts";
import { previewRaster } from "../../plugins/geo/preview/preview.ts";
import { makeHandler } from "../../ui/server/server.ts";
import { builtIn, Project } from "../support/rig.ts";

const ORIGIN = "http://127.0.0.1:4848";

/** A served project; disposing removes it. */
export interface ServedProject extends AsyncDisposable {
  readonly project: Project;
  /** Asks for a path of the page. */
  get(path: string, options?: RequestInit): Promise<Response>;
  /** Asks for JSON and expects success. */
  json<T>(path: string): Promise<T>;
  /** Performs any request. */
  handle(request: Request): Promise<Response>;
}

/** Token of a served project's page. */
export const TOKEN = "a".repeat(48);

/** Makes a project with this `workflow.yaml` and serves it, for other machines by `names`; the page may change things. */
export async function serveProject(
  workflow: string,
  names?: ReadonlySet<string>,
): Promise<ServedProject> {
  const project = await Project.make({ "workflow.yaml": workflow });
  const state = await openProjectState(project.path(".cairn"));
  const workshop = {
    folder: project.folder,
    store: state.folder,
    token: TOKEN,
    builtIn,
    environment: (name: string): string | undefined => Deno.env.get(name),
    cairn: commandLineOf(project),
  };
  const handle = makeHandler(state, {
    workshop,
    previewRaster,
    ...(names === undefined ? {} : { names }),
  });
  const get = (path: string, options?: RequestInit): Promise<Response> =>
    handle(new Request(`${ORIGIN}${path}`, options));
  return {
    project,
    get,
    handle,
    json: async <T>(path: string) => {
      const response = await get(path);
      const body = await response.json();
      if (response.status !== 200) throw new Error(`${path}: ${response.status} ${body.message}`);
      return body as T; // the test says what it expects
    },
    async [Symbol.asyncDispose](): Promise<void> {
      await state[Symbol.asyncDispose]();
      await project[Symbol.asyncDispose]();
    },
  };
}

/** The command line in this process. */
function commandLineOf(project: Project): CommandLine {
  return {
    perform: (words) => project.cairn(...words),
    async start(words): Promise<string | CommandEnd> {
      const end = await project.cairn(...words);
      return end.out === "" ? end : end.out.slice(0, end.out.indexOf("\n"));
    },
  };
}

/** Reads a stream of server-sent events to its end. */
export async function messagesOf(
  response: Response,
): Promise<readonly { readonly event: string; readonly id: string; readonly data: unknown }[]> {
  const blocks = (await response.text()).split("\n\n").filter((block) => block.includes("data: "));
  return blocks.map((block) => {
    const field = (name: string): string =>
      block.split("\n").find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2) ?? "";
    return { event: field("event"), id: field("id"), data: JSON.parse(field("data")) };
  });
}
