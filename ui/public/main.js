// @ts-check
/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
// Finds the view for an address, and the address for a view: every place of the page has its own.
import { address, ApiError, keepToken } from "./api.js";
import { showCompare } from "./runs/compare_view.js";
import { fill, h } from "./dom.js";
import { showModels } from "./models/models_view.js";
import { showRun } from "./run/run_view.js";
import { showRuns } from "./runs/runs_view.js";
import { showStart } from "./start/start_view.js";
import { showStep } from "./step/step_view.js";
import { refreshTimes } from "./words.js";

/**
 * Views by their addresses; a title for those that do not name a run.
 * @type {[RegExp, (place: import("./dom.js").Place) => Promise<void>, string?][]}
 */
const VIEWS = [
  [/^\/$/, showRuns],
  [/^\/start$/, showStart, "start"],
  [/^\/models$/, showModels, "models"],
  [/^\/compare\/([^/]+)$/, showCompare, "compare"],
  [/^\/runs\/([^/]+)$/, showRun],
  [/^\/runs\/([^/]+)\/steps\/([^/]+)$/, showStep],
];

const TIMES_EVERY_MS = 30_000;

let leave = new AbortController();

/** Shows the view that the address names. */
async function show() {
  leave.abort();
  leave = new AbortController();
  const { signal } = leave;
  const root = /** @type {HTMLElement} */ (document.getElementById("main"));
  const match = VIEWS.map(([pattern, view, title]) => ({
    names: pattern.exec(location.pathname),
    view,
    title,
  }))
    .find(({ names }) => names !== null);
  const names = (match?.names ?? []).slice(1).map(decodeURIComponent);
  showCrumbs(match?.title === undefined ? names : [match.title]);
  try {
    if (match === undefined) throw new ApiError("There is no such page", "Look among all runs");
    await match.view({ root, names, signal });
  } catch (error) {
    if (!signal.aborted) fill(root, problem(error));
  }
}

/** @param {string[]} names */
function showCrumbs([run, step]) {
  const crumbs = /** @type {HTMLElement} */ (document.getElementById("crumbs"));
  document.title = [step, run, "cairn"].filter((name) => name !== undefined).join(" · ");
  fill(
    crumbs,
    run !== undefined && step === undefined && h("span", { "aria-current": "page" }, run),
    step !== undefined && h("a", { href: address`/runs/${run ?? ""}` }, run),
    step !== undefined && h("span", { "aria-current": "page" }, step),
  );
}

/** @param {unknown} error */
function problem(error) {
  const message = error instanceof Error ? error.message : String(error);
  const hint = error instanceof ApiError ? error.hint : undefined;
  return h(
    "section",
    { class: "empty", role: "alert" },
    message.includes("\n") ? h("pre", { tabindex: 0 }, message) : h("h1", {}, message),
    hint !== undefined && h("p", {}, hint),
    h("p", {}, h("a", { href: "/" }, "All runs")),
  );
}

/** @param {MouseEvent} event */
function follow(event) {
  const link = /** @type {Element} */ (event.target).closest("a");
  const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey;
  if (link === null || !isPlain || event.defaultPrevented) return;
  if (link.hasAttribute("target") || link.hasAttribute("download")) return;
  const url = new URL(link.getAttribute("href") ?? "", location.href);
  const isView = VIEWS.some(([pattern]) => pattern.test(url.pathname)) && url.hash === "";
  if (url.origin !== location.origin || !isView || url.href === location.href) return;
  event.preventDefault();
  history.pushState(null, "", url);
  scrollTo(0, 0);
  show().then(() => document.getElementById("main")?.focus({ preventScroll: true }));
}

document.addEventListener("click", follow);
addEventListener("popstate", show);
setInterval(refreshTimes, TIMES_EVERY_MS);
keepToken();
// An address with its place after "#" leads there too, so that links can be made without a server.
if (location.hash.startsWith("#/")) history.replaceState(null, "", location.hash.slice(1));
show();
