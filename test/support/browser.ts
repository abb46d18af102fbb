// A real browser in front of a served project. Needs Chromium: the one that CAIRN_CHROMIUM names, or
// Debian's.
import axe from "axe-core";
import { type Browser, chromium, type Page } from "playwright-core";
import { openProjectState } from "../../engine/mod.ts";
import { makeHandler } from "../../ui/server/server.ts";
import { eventually, type Project } from "./rig.ts";

const DEBIANS = "/usr/bin/chromium";

/** Path of the browser; undefined where there is none. */
export const chromiumPath: string | undefined = Deno.env.get("CAIRN_CHROMIUM") ??
  (isFile(DEBIANS) ? DEBIANS : undefined);

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

if (chromiumPath === undefined) {
  // deno-lint-ignore no-console -- a skipped test says why
  console.log("browser tests are skipped: no Chromium here; CAIRN_CHROMIUM may name one");
}

/** Declares a test that needs a browser. */
export function browserTest(name: string, fn: () => Promise<void>): void {
  // The browser's driver keeps timers and pipes of its own.
  Deno.test({
    name,
    fn,
    ignore: chromiumPath === undefined,
    sanitizeOps: false,
    sanitizeResources: false,
  });
}

/** A page's server on a port of its own. */
export interface Served extends AsyncDisposable {
  readonly address: string;
  readonly port: number;
}

/** Serves a project's page; port 0 takes a free one. */
export async function serveOnPort(project: Project, port = 0): Promise<Served> {
  const state = await openProjectState(project.path(".cairn"));
  const served = listenFor(makeHandler(state), port);
  return {
    ...served,
    async [Symbol.asyncDispose](): Promise<void> {
      await served[Symbol.asyncDispose]();
      await state[Symbol.asyncDispose]();
    },
  };
}

/** Gives what answers requests a port; 0 takes a free one. */
export function listenFor(handle: (request: Request) => Promise<Response>, port = 0): Served {
  const ended = new AbortController();
  const server = Deno.serve(
    { hostname: "127.0.0.1", port, signal: ended.signal, onListen: () => {} },
    handle,
  );
  return {
    address: `http://127.0.0.1:${server.addr.port}`,
    port: server.addr.port,
    async [Symbol.asyncDispose](): Promise<void> {
      ended.abort();
      await server.finished;
    },
  };
}

/** A page and all that it complained about. */
export interface Visit extends AsyncDisposable {
  readonly page: Page;
  /** Errors of scripts and dialogs that something opened. */
  readonly complaints: string[];
}

/** Opens a browser with one empty page. */
export async function visit(
  look: { readonly width?: number; readonly dark?: boolean } = {},
): Promise<Visit> {
  const browser: Browser = await chromium.launch({
    executablePath: chromiumPath ?? "",
    args: ["--no-sandbox"],
  });
  const page = await browser.newPage({
    colorScheme: look.dark ? "dark" : "light",
    viewport: { width: look.width ?? 1280, height: 800 },
  });
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("dialog", (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  return { page, complaints, [Symbol.asyncDispose]: () => browser.close() };
}

/** Waits until so many elements are there: what changes together need not be drawn in the same frame. */
export async function waitForCount(page: Page, selector: string, count: number): Promise<void> {
  const elements = page.locator(selector);
  await eventually(
    `${count} of "${selector}"`,
    async () => await elements.count() === count || undefined,
  );
}

/** Says what axe-core finds serious or worse. */
export async function seriousIssues(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(
    "axe.run(document, { iframes: false, resultTypes: ['violations'] })",
  ) as axe.AxeResults;
  return violations.filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
}
