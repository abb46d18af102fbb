// @ts-check
/// <reference lib="dom" />
// The registered models: versions with scores, where each comes from, and the aliases, which can be moved.
import { address, ask, change } from "../api.js";
import { fill, h } from "../dom.js";
import { number, spell, timeAgo } from "../words.js";

/**
 * @typedef {import("../../views/models.ts").ModelView} ModelView
 * @typedef {import("../../views/models.ts").VersionView} VersionView
 */

/**
 * Shows the registry.
 * @param {import("../dom.js").Place} place
 */
export async function showModels({ root, signal }) {
  const said = h("p", { class: "note", role: "status" });
  const draw = async () => {
    const { models } = await ask("/api/models", signal);
    fill(
      root,
      h("h1", {}, "Models"),
      said,
      models.length === 0 ? nothingYet() : models.map(section),
    );
  };
  /** @param {ModelView} model */
  const section = (model) => modelOf(model, move);
  /**
   * @param {string} model
   * @param {{ alias: string, version: number }} wish
   */
  const move = async (model, { alias, version }) => {
    const path = address`/api/models/${model}/aliases/${alias}`;
    try {
      await change(path, { version }, signal);
      await draw();
      said.className = "note";
      said.textContent = `“${alias}” of ${model} is now version ${version}`;
    } catch (error) {
      if (signal.aborted) return;
      said.className = "failure";
      said.textContent = error instanceof Error ? error.message : String(error);
    }
  };
  await draw();
  document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView();
}

function nothingYet() {
  return h(
    "section",
    {},
    h("p", { class: "lead" }, "No model is registered yet"),
    h("p", {}, "A step that uses ", h("code", {}, "register"), " puts one here, as at the end of"),
    h("pre", { tabindex: 0 }, "deno task run workflows/quickstart.yaml"),
  );
}

/**
 * @param {ModelView} model
 * @param {(model: string, wish: { alias: string, version: number }) => void} move
 */
function modelOf(model, move) {
  const { name, versions, aliases } = model;
  return h(
    "section",
    { id: `model-${name}` },
    h("h2", {}, h("a", { class: "path", href: address`#model-${name}` }, name)),
    versions.map((version) =>
      versionOf(version, aliases.filter((alias) => alias.version === version.version))
    ),
    versions.length > 0 && aliasForm(model, move),
  );
}

/**
 * @param {VersionView} view
 * @param {ModelView["aliases"]} aliases
 */
function versionOf({ version, record, origin }, aliases) {
  return h(
    "article",
    { class: "artifact" },
    h(
      "h3",
      {},
      `Version ${version}`,
      aliases.map(({ name }) => h("span", { class: "alias" }, name)),
      record !== undefined && h("small", {}, timeAgo(Date.parse(record.created))),
    ),
    record !== undefined && scoresOf(record.scores),
    record === undefined
      ? h(
        "p",
        { class: "warning" },
        "Its version.json cannot be read; repair it, or move the version out of the registry",
      )
      : h("dl", { class: "facts" }, factsOf(record.model)),
    lineage(origin),
  );
}

/** @param {Readonly<Record<string, unknown>> | null} scores */
function scoresOf(scores) {
  if (scores === null) return [h("p", { class: "note" }, "Registered without scores")];
  const { split, tiles, ...values } = scores;
  return [
    h("p", { class: "note" }, `Scores on ${shown(tiles)} tiles of the split ${shown(split)}`),
    h(
      "dl",
      { class: "numbers" },
      Object.entries(values).map(([name, value]) =>
        h("div", {}, h("dt", {}, wordsOf(name)), h("dd", {}, shown(value)))
      ),
    ),
  ];
}

/** @param {Readonly<Record<string, unknown>>} model */
function factsOf(model) {
  return Object.entries(model).map(([name, value]) =>
    h(
      "div",
      {},
      h("dt", {}, wordsOf(name)),
      h("dd", {}, Array.isArray(value) ? value.join(", ") : shown(value)),
    )
  );
}

/** @param {unknown} value */
function shown(value) {
  return typeof value === "number" ? number(value) : spell(value);
}

/**
 * Such as "mean IoU" for "meanIou".
 * @param {string} name
 */
function wordsOf(name) {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`).replace(" iou", " IoU");
}

/** @param {VersionView["origin"]} origin */
function lineage(origin) {
  if (origin === undefined) {
    return h("p", { class: "note" }, "The run that registered it is gone");
  }
  const { run, workflow, file, steps } = origin;
  return h(
    "div",
    {},
    h(
      "p",
      { class: "note" },
      "Made by run ",
      h("a", { href: address`/runs/${run}` }, run),
      ` of ${workflow} (`,
      h("code", {}, file),
      ")",
    ),
    h(
      "ol",
      { class: "lineage", "aria-label": "The steps that led here, first to last" },
      steps.map(({ name, makes }) =>
        h(
          "li",
          {},
          h("a", { href: address`/runs/${run}/steps/${name}` }, name),
          makes.length > 0 && h("small", {}, makes.join(", ")),
        )
      ),
    ),
  );
}

/**
 * @param {ModelView} model
 * @param {(model: string, wish: { alias: string, version: number }) => void} move
 */
function aliasForm({ name, versions, aliases }, move) {
  const list = `aliases of ${name}`.replaceAll(" ", "-");
  const alias = h("input", {
    required: true,
    autocomplete: "off",
    list,
    value: aliases[0]?.name ?? "",
  });
  const version = h(
    "select",
    {},
    versions.map((each) => h("option", { value: each.version }, `version ${each.version}`)),
  );
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    move(name, { alias: alias.value.trim(), version: Number(version.value) });
  };
  return h(
    "form",
    { class: "move", submit },
    h("label", {}, "Alias ", alias),
    h("datalist", { id: list }, aliases.map((each) => h("option", { value: each.name }))),
    h("label", {}, "is ", version),
    h("button", { type: "submit" }, "Move"),
  );
}
