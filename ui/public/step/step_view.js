// @ts-check
/// <reference lib="dom" />
// One step of a run: why it ran, what it measured, what it made and from what, and its log.
import { address, ask, listen } from "../api.js";
import { charts } from "../chart.js";
import { fill, h } from "../dom.js";
import { LogView } from "./log_view.js";
import { drawOutputs } from "./outputs_view.js";
import { changesOf } from "./step_changes.js";
import { badge } from "../status.js";
import { byteSize, count, duration, exactTime, plainText, spell, timeAgo } from "../words.js";

/**
 * @typedef {import("../../views/step_view.ts").StepPage} StepPage
 * @typedef {import("../../runs/run_fold.ts").StepView} StepView
 */

const LONGEST_OPTION = 60;

/**
 * Shows a step and keeps it up to date.
 * @param {import("../dom.js").Place} place
 */
export async function showStep({ root, names: [run = "", name = ""], signal }) {
  const path = address`/api/runs/${run}/steps/${name}`;
  const page = /** @type {StepPage} */ (await ask(path, signal));
  const head = h("header");
  const measured = h("section");
  const made = h("section");
  fill(head, headOf(page));
  fill(measured, measuredOf(page));
  await drawOutputs(made, page, signal);
  const log = logOf(page, signal);
  const isLogFirst = ["running", "failed"].includes(page.step.status);
  fill(
    root,
    head,
    measured,
    isLogFirst && log,
    made,
    inputsOf(page),
    optionsOf(page),
    !isLogFirst && log,
  );
  if (page.outcome === "running" && page.step.endedAtMs === undefined) {
    follow(page, { path, head, measured, made }, signal);
  }
}

/**
 * Asks anew when something was heard of the step: its page is small.
 * @param {StepPage} page
 * @param {{ path: string, head: HTMLElement, measured: HTMLElement, made: HTMLElement }} places
 * @param {AbortSignal} signal
 */
function follow({ run, events, step }, { path, head, measured, made }, signal) {
  let told = "";
  const timer = setInterval(() => refresh(), 1000);
  const stop = () => clearInterval(timer);
  signal.addEventListener("abort", stop);
  let isChanged = true;
  const refresh = async () => {
    if (!isChanged && told === "") return;
    isChanged = false;
    const page = await ask(path, signal).catch(() => undefined);
    if (page === undefined) return;
    fill(head, headOf(page, told));
    fill(measured, measuredOf(page));
    if (page.step.endedAtMs === undefined) return;
    stop();
    await drawOutputs(made, page, signal);
  };
  listen(address`/api/runs/${run}/events?after=${events}`, {
    change: (/** @type {import("../../views/event_stream.ts").RunChange} */ { events }) => {
      isChanged ||= events.some((event) => "step" in event && event.step === step.name);
    },
    progress: (
      /** @type {Record<string, { done: number, total: number, unit: string }>} */ progress,
    ) => {
      const now = progress[step.name];
      told = now === undefined ? "" : `${now.done} of ${now.total} ${now.unit}`;
    },
    end: () => isChanged = true,
  }, signal);
}

/**
 * @param {StepPage} page
 * @param {string} [told]
 */
function headOf(page, told = "") {
  const { run, file, step } = page;
  const { status, message, hint, reachedAt, unreusable, lastLines = [] } = step;
  return [
    h(
      "div",
      { class: "title" },
      h("h1", {}, step.name),
      badge(status),
      h(
        "a",
        { class: "act", href: address`/start?file=${file}&like=${run}&from=${step.name}` },
        "Run from here…",
      ),
    ),
    whyOf(step, run),
    changesOf(page),
    unreusable !== undefined &&
    h("p", { class: "warning" }, `The result will not be reused: ${unreusable}`),
    message !== undefined && h(
      "div",
      { class: "failure" },
      h("p", {}, h("b", {}, message)),
      reachedAt !== undefined &&
        h("p", {}, `At ${reachedAt.path}:${reachedAt.line}:${reachedAt.column}`),
      hint !== undefined && h("p", { class: "hint" }, `Hint: ${hint}`),
      lastLines.length > 0 && h("pre", { tabindex: 0 }, plainText(lastLines.join("\n"))),
    ),
    h("dl", { class: "facts" }, factsOf(step, told)),
  ];
}

/**
 * @param {StepView} step
 * @param {string} run
 */
function whyOf({ status, reason = "", madeBy, from }, run) {
  if (status === "reused") {
    if (from !== undefined) return h("p", { class: "lead" }, "Reused, because ", reason);
    const maker = madeBy === undefined || madeBy === run
      ? ""
      : h("a", { href: address`/runs/${madeBy}` }, madeBy);
    return h("p", { class: "lead" }, "Reused, because ", reason, " since run ", maker);
  }
  if (reason === "") return undefined;
  const verb = status === "skipped" ? "Skipped" : status === "running" ? "Runs" : "Ran";
  return h("p", { class: "lead" }, `${verb}, because ${reason}`);
}

/**
 * @param {StepView} step
 * @param {string} told
 */
function factsOf(step, told) {
  const {
    plugin,
    startedAtMs,
    durationMs,
    savedMs,
    sizeBytes,
    lease,
    fingerprint,
    peakMemoryBytes,
  } = step;
  const runningMs = step.status === "running" ? Date.now() - (startedAtMs ?? 0) : undefined;
  const spentMs = durationMs ?? runningMs;
  return [
    fact("Plugin", plugin),
    spentMs !== undefined && fact("Duration", duration(spentMs)),
    savedMs !== undefined && fact("Saved", duration(savedMs)),
    step.attempts !== undefined && fact("Attempts", String(step.attempts)),
    step.resumedFrom && fact("Resumed", `at ${step.resumedFrom.at}`, step.resumedFrom.run),
    told !== "" && fact("Progress", told),
    startedAtMs !== undefined && fact("Started", timeAgo(startedAtMs), exactTime(startedAtMs)),
    lease !== undefined && fact("Resources", resourcesOf(lease)),
    peakMemoryBytes !== undefined && fact("Peak of memory", byteSize(peakMemoryBytes)),
    sizeBytes !== undefined && fact("Made", byteSize(sizeBytes)),
    fingerprint && fact("Fingerprint", h("code", {}, `${fingerprint.slice(7, 19)}…`), fingerprint),
  ];
}

/** @param {NonNullable<StepView["lease"]>} lease */
function resourcesOf({ cpus, memoryBytes, gpus }) {
  return [
    count(cpus, "processor"),
    memoryBytes > 0 && byteSize(memoryBytes),
    gpus.length > 0 && count(gpus.length, "GPU"),
  ].filter((part) => part !== false).join(", ");
}

/**
 * @param {string} name
 * @param {Node | string} value
 * @param {string} [title]
 */
function fact(name, value, title) {
  return h("div", {}, h("dt", {}, name), h("dd", title === undefined ? {} : { title }, value));
}

/** @param {StepPage} page */
function measuredOf({ metrics }) {
  return metrics.length === 0 ? [] : [h("h2", {}, "Measured"), ...charts(metrics)];
}

/** @param {StepPage} page */
function inputsOf({ run, inputs }) {
  if (inputs.length === 0) return undefined;
  return h(
    "section",
    {},
    h("h2", {}, "Inputs"),
    h(
      "dl",
      { class: "facts" },
      inputs.map(({ port, step, output, tree }) =>
        h(
          "div",
          {},
          h("dt", {}, port),
          h(
            "dd",
            { title: tree ?? "not made" },
            output,
            " of ",
            h("a", { href: address`/runs/${run}/steps/${step}` }, step),
          ),
        )
      ),
    ),
  );
}

/** @param {StepPage} page */
function optionsOf({ options }) {
  const title = h("h2", {}, "Options");
  if (options === undefined) {
    return h("section", {}, title, h("p", { class: "note" }, "This run was recorded without them"));
  }
  if (options.length === 0) return undefined;
  const sorted = [...options].sort((a, b) => Number(b.isGiven) - Number(a.isGiven));
  return h(
    "section",
    {},
    title,
    h("dl", { class: "facts" }, sorted.map(optionOf)),
  );
}

/** @param {import("../../views/step_view.ts").OptionView} option */
function optionOf({ name, value, isGiven }) {
  const text = spell(value);
  const isLong = text.includes("\n") || text.length > LONGEST_OPTION;
  return h(
    "div",
    { class: isLong ? "long" : isGiven ? "" : "default" },
    h("dt", {}, name),
    h(
      "dd",
      {},
      isLong ? h("pre", { tabindex: 0 }, text.trim()) : text,
      !isGiven && h("small", {}, "default"),
    ),
  );
}

/**
 * @param {StepPage} page
 * @param {AbortSignal} signal
 */
function logOf({ step, origin }, signal) {
  if (origin === undefined) {
    return h(
      "section",
      {},
      h("h2", {}, "Log"),
      h("p", { class: "note" }, "The run that wrote it is gone"),
    );
  }
  if (step.status === "skipped") return undefined;
  return new LogView(origin, signal).element;
}
