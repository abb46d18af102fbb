// @ts-check
/// <reference lib="dom" />
// One run: how it stands, its graph, its steps over time, what it published.
import { address, ask, listen } from "../api.js";
import { fill, h } from "../dom.js";
import { GraphView } from "../graph/graph.js";
import { addressOfWish, askGraph, wishOfAddress } from "../graph/graph_wish.js";
import { LoadStrips } from "./load_strips.js";
import { remoteProblems, sentTo } from "./remotes.js";
import { actsOf } from "./run_acts.js";
import { badge } from "../status.js";
import { StepsList } from "./steps_list.js";
import { count, duration, number, spell, starter, timeAgo } from "../words.js";

/**
 * @typedef {import("../../views/run_view.ts").RunView} RunView
 * @typedef {import("../../runs/run_fold.ts").StepView} StepView
 * @typedef {import("../../views/event_stream.ts").RunChange} RunChange
 * @typedef {import("../../../engine/mod.ts").LoadSample} LoadSample
 */

const TICK_MS = 1000;

/**
 * Shows a run and keeps it up to date.
 * @param {import("../dom.js").Place} place
 */
export async function showRun({ root, names: [run = ""], signal }) {
  const [view, layout, { samples }] = await Promise.all([
    ask(address`/api/runs/${run}`, signal),
    askGraph(run, wishOfAddress(), signal),
    ask(address`/api/runs/${run}/load`, signal),
  ]);
  const live = new LiveRun(view, samples);
  const graph = new GraphView(run, layout, {
    steps: live,
    askAnew: (wish) => {
      history.replaceState(null, "", addressOfWish(wish));
      return askGraph(run, wish, signal);
    },
  });
  const steps = new StepsList(live.steps, () => live.span());
  const load = new LoadStrips(steps.under);
  const head = h("header");
  const published = h("section");
  live.act = actsOf(live.head, signal);
  const draw = () => {
    fill(head, headOf(live));
    fill(published, publishedOf(live.head.published, live.head.remotes));
    graph.update();
    steps.update();
    load.update(live.samples, live.span());
  };
  draw();
  fill(
    root,
    head,
    graph.element,
    h("h2", {}, "Steps"),
    steps.element,
    published,
    paramsOf(view.params),
  );
  if (live.head.outcome === "running") follow(live, draw, signal);
}

/** A run as it was asked for, with what was heard since. */
class LiveRun {
  /**
   * @param {RunView} view
   * @param {LoadSample[]} samples
   */
  constructor(view, samples) {
    this.head = view;
    this.samples = samples;
    this.steps = new Map(view.steps.map((step) => [step.name, step]));
    this.events = view.events;
    this.told = view.progress;
    /** What can be done with the run; kept, so that drawing anew does not take it from under a hand. */
    this.act = h("span");
  }

  /** @param {string} name */
  step(name) {
    return this.steps.get(name);
  }

  /** @param {string} name */
  progress(name) {
    return this.steps.get(name)?.status === "running" ? this.told[name] : undefined;
  }

  /** The time that the list shows. */
  span() {
    const { run, startedAtMs, durationMs, outcome } = this.head;
    const lastMs = Math.max(
      startedAtMs + 1,
      ...[...this.steps.values()].map((step) => step.endedAtMs ?? step.startedAtMs ?? 0),
    );
    const endedAtMs = durationMs !== undefined
      ? startedAtMs + Math.max(1, durationMs)
      : outcome === "running"
      ? Math.max(Date.now(), lastMs)
      : lastMs;
    return { run, startedAtMs, endedAtMs };
  }

  /**
   * Takes samples from a number on: after a lost connection some come twice.
   * @param {import("../../views/event_stream.ts").LoadChange} change
   */
  takeLoad({ from, samples }) {
    this.samples = [...this.samples.slice(0, from), ...samples];
  }

  /** @param {RunChange} change */
  take({ steps, head }) {
    for (const step of steps) this.steps.set(step.name, step);
    this.head = { ...this.head, ...head };
  }
}

/**
 * @param {LiveRun} live
 * @param {() => void} draw
 * @param {AbortSignal} signal
 */
function follow(live, draw, signal) {
  const timer = setInterval(draw, TICK_MS);
  const stop = () => clearInterval(timer);
  signal.addEventListener("abort", stop);
  const { head: { run }, events, samples } = live;
  listen(address`/api/runs/${run}/events?after=${events}&load=${samples.length}`, {
    load: (change) => live.takeLoad(change),
    change: (change) => {
      live.take(change);
      draw();
    },
    progress: (progress) => {
      live.told = progress;
      draw();
    },
    end: () => {
      stop();
      live.act = actsOf(live.head, signal);
      draw();
    },
  }, signal);
}

/** @param {LiveRun} live */
function headOf(live) {
  const { workflow, outcome, file, startedAtMs, startedBy, description, scores } = live.head;
  const { endedAtMs } = live.span();
  const steps = [...live.steps.values()];
  const reused = steps.filter(({ status }) => status === "reused");
  const savedMs = reused.reduce((sum, step) => sum + (step.savedMs ?? 0), 0);
  return [
    h("div", { class: "title" }, h("h1", {}, workflow), badge(outcome), live.act),
    description !== "" && h("p", { class: "lead" }, description),
    h(
      "p",
      { class: "note" },
      h("code", {}, file),
      ", started ",
      timeAgo(startedAtMs),
      startedBy !== undefined && ` (${starter(startedBy)})`,
    ),
    outcome === "interrupted" && h(
      "p",
      { class: "warning" },
      "The process of this run ended before the run did. Run the workflow again: finished steps are reused.",
    ),
    ...live.head.remotes.flatMap(remoteProblems),
    h(
      "dl",
      { class: "numbers" },
      tile("Duration", duration(endedAtMs - startedAtMs)),
      tile("Reused", `${reused.length} of ${count(steps.length, "step")}`),
      savedMs > 0 && tile("Saved", duration(savedMs)),
      scores.slice(0, 3).map(({ name, value }) => tile(name, number(value))),
    ),
  ];
}

/**
 * @param {string} name
 * @param {string} value
 */
function tile(name, value) {
  return h("div", {}, h("dt", {}, name), h("dd", {}, value));
}

/**
 * @param {readonly import("../../runs/run_fold.ts").PublicationView[]} published
 * @param {readonly import("../../runs/run_fold.ts").RemoteView[]} remotes
 */
function publishedOf(published, remotes) {
  const sent = sentTo(remotes);
  if (published.length + sent.length === 0) return [];
  return [
    h("h2", {}, "Published"),
    h(
      "dl",
      { class: "facts" },
      published.map(({ target, files, message }) =>
        h(
          "div",
          {},
          h("dt", {}, h("code", {}, target)),
          h("dd", {}, message ?? count(files ?? 0, "file")),
        )
      ),
      sent,
    ),
  ];
}

/** @param {Readonly<Record<string, unknown>>} params */
function paramsOf(params) {
  const entries = Object.entries(params);
  if (entries.length === 0) return undefined;
  return h(
    "section",
    {},
    h("h2", {}, "Parameters"),
    h(
      "dl",
      { class: "facts" },
      entries.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, spell(value)))),
    ),
  );
}
