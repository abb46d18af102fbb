// @ts-check
/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
// Starts a run: choose a workflow, set its parameters, see what would happen, then let it happen.
import { address, ask, change } from "../api.js";
import { fill, h } from "../dom.js";
import { fieldOf, hintOf, textOf } from "./param_field.js";
import { mark } from "../status.js";
import { count, duration } from "../words.js";

/**
 * @typedef {import("../../acts/workshop.ts").WorkflowView} WorkflowView
 * @typedef {import("../../../engine/mod.ts").ParamDeclaration} ParamView
 * @typedef {import("../../acts/actions.ts").RunWish} RunWish
 * @typedef {import("../../../engine/mod.ts").StepForecast} StepForecast
 */

const WAIT_MS = 400;

/**
 * Shows the workflows, or the form of one.
 * @param {import("../dom.js").Place} place
 */
export async function showStart({ root, signal }) {
  const asked = new URLSearchParams(location.search);
  const file = asked.get("file");
  if (file === null) {
    const { files } = await ask("/api/workflows", signal);
    return fill(root, h("h1", {}, "Start a run"), listOf(files));
  }
  const like = asked.get("like");
  const [workflow, earlier] = await Promise.all([
    ask(address`/api/workflows/${file}`, signal),
    like === null ? undefined : ask(address`/api/runs/${like}`, signal),
  ]);
  const form = new StartForm(
    workflow,
    { values: earlier?.params ?? {}, from: asked.get("from") },
    signal,
  );
  fill(root, form.element);
  await form.forecast();
}

/** @param {string[]} files */
function listOf(files) {
  if (files.length === 0) {
    return h(
      "p",
      { class: "lead" },
      "There is no workflow file in this project folder or its folder workflows",
    );
  }
  return h(
    "ul",
    { class: "runs" },
    files.map((file) =>
      h(
        "li",
        {},
        h("a", { class: "run file", href: address`/start?file=${file}` }, h("b", {}, file)),
      )
    ),
  );
}

/** The form of one workflow. */
class StartForm {
  /** @type {Map<string, HTMLInputElement | HTMLSelectElement>} */
  #inputs = new Map();
  #from;
  #expected = h("div", { "aria-live": "polite" });
  #said = h("span", { role: "status" });
  #go = h("button", { type: "submit", class: "go", disabled: true }, "Start");
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #asked = 0;
  element;

  /**
   * @param {WorkflowView} workflow
   * @param {{ values: Record<string, unknown>, from: string | null }} like
   * @param {AbortSignal} signal
   */
  constructor(workflow, { values, from }, signal) {
    this.workflow = workflow;
    this.signal = signal;
    this.#from = h(
      "select",
      { change: () => this.#changed() },
      h("option", { value: "" }, "what changed"),
      workflow.steps.map((step) =>
        h("option", { value: step, selected: step === from }, `from ${step}`)
      ),
    );
    const submit = (/** @type {Event} */ event) => {
      event.preventDefault();
      this.#start();
    };
    this.element = h(
      "form",
      { submit },
      h("h1", {}, `Start ${workflow.name}`),
      workflow.description !== "" && h("p", { class: "lead" }, workflow.description),
      h("p", { class: "note" }, h("code", {}, workflow.file)),
      h(
        "div",
        { class: "form" },
        workflow.params.map((param) => this.#field(param, values[param.name] ?? param.default)),
        h("label", {}, "run anew", this.#from),
      ),
      this.#expected,
      h("p", { class: "go-line" }, this.#go, this.#said),
    );
  }

  /**
   * @param {ParamView} param
   * @param {unknown} value
   */
  #field(param, value) {
    const id = `param-${param.name}`;
    const input = fieldOf(param, value, () => this.#changed());
    input.setAttribute("aria-describedby", id);
    this.#inputs.set(param.name, input);
    return h("label", {}, param.name, input, h("small", { id }, hintOf(param)));
  }

  #changed() {
    this.#go.disabled = true;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.forecast(), WAIT_MS);
  }

  /** @returns {RunWish} */
  #wish() {
    const { file, params } = this.workflow;
    const set = Object.fromEntries(
      params.map((
        param,
      ) => /** @type {const} */ ([param, this.#inputs.get(param.name)?.value ?? ""]))
        .filter(([param, value]) => value !== textOf(param.default))
        .map(([{ name }, value]) => [name, value]),
    );
    const from = this.#from.value;
    return from === "" ? { file, set } : { file, set, from };
  }

  /** Says what would happen; only the newest question counts. */
  async forecast() {
    const number = ++this.#asked;
    this.#said.textContent = "looking at what changed…";
    const answer = await change("/api/forecast", this.#wish(), this.signal).catch((error) => error);
    if (this.signal.aborted || number !== this.#asked) return;
    this.#said.textContent = "";
    this.#go.disabled = answer instanceof Error;
    fill(this.#expected, answer instanceof Error ? problem(answer) : forecastTable(answer.steps));
  }

  async #start() {
    this.#go.disabled = true;
    this.#said.textContent = "starting…";
    const answer = await change("/api/runs", this.#wish(), this.signal).catch((error) => error);
    if (this.signal.aborted) return;
    if (answer instanceof Error) {
      this.#said.textContent = "";
      return fill(this.#expected, problem(answer));
    }
    const link = h("a", { href: address`/runs/${answer.run}` }, "Open the run");
    fill(this.#said, link);
    link.click();
  }
}

/** @param {Error} error */
function problem({ message }) {
  return h("pre", { class: "failure", role: "alert", tabindex: 0 }, message);
}

/** @param {StepForecast[]} steps */
function forecastTable(steps) {
  const working = steps.filter(({ fate }) => fate !== "reused" && fate !== "skipped");
  const knownMs = working.reduce((sum, { lastDurationMs }) => sum + (lastDurationMs ?? 0), 0);
  const cost = knownMs === 0 ? "" : `: about ${duration(knownMs)} of work, as last time`;
  return h(
    "div",
    {},
    h("h2", {}, "What will happen"),
    h(
      "p",
      { class: "note" },
      `${count(working.length, "step")} of ${steps.length} will or may run${cost}`,
    ),
    h(
      "div",
      { class: "scroll", tabindex: 0, role: "group", "aria-label": "Forecast" },
      h("table", { class: "forecast" }, h("tbody", {}, steps.map(forecastRow))),
    ),
  );
}

/** @type {Record<StepForecast["fate"], [status: string, words: string]>} */
const FATES = {
  reused: ["reused", "is reused"],
  runs: ["running", "will run"],
  unsure: ["waiting", "may run"],
  skipped: ["skipped", "is skipped"],
  fails: ["failed", "will fail"],
};

/** @param {StepForecast} forecast */
function forecastRow({ step, fate, reason, lastDurationMs }) {
  const [status, words] = FATES[fate];
  return h(
    "tr",
    {},
    h("td", {}, h("b", {}, step)),
    h("td", {}, h("span", { class: `badge ${status}` }, mark(status), words)),
    h("td", {}, fate === "reused" || lastDurationMs === undefined ? "" : duration(lastDurationMs)),
    h("td", {}, reason),
  );
}
