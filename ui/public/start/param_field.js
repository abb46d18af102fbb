// @ts-check
/// <reference lib="dom" />
// The field of a form for a parameter, as its type, choices and limits ask for.
import { h } from "../dom.js";
import { spell } from "../words.js";

/** @typedef {import("../../../engine/mod.ts").ParamDeclaration} ParamView */

/**
 * Makes the field; its value is what `--set` takes.
 * @param {ParamView} param
 * @param {unknown} value
 * @param {() => void} changed
 * @returns {HTMLInputElement | HTMLSelectElement}
 */
export function fieldOf({ type, choices, min, max }, value, changed) {
  const text = textOf(value);
  const offered = choices ?? (type === "boolean" ? [true, false] : undefined);
  if (offered !== undefined) {
    const options = offered.map(textOf);
    const known = options.includes(text) ? options : [text, ...options];
    return h(
      "select",
      { change: changed },
      known.map((option) => h("option", { value: option, selected: option === text }, option)),
    );
  }
  const isNumber = type === "int" || type === "number";
  return h("input", {
    type: isNumber ? "number" : "text",
    step: isNumber ? (type === "int" ? "1" : "any") : undefined,
    min,
    max,
    required: value === undefined,
    value: text,
    autocomplete: "off",
    input: changed,
  });
}

/**
 * A value as `--set` takes it; empty where there is none.
 * @param {unknown} value
 */
export function textOf(value) {
  return value === undefined ? "" : spell(value);
}

/**
 * What people should know of a parameter.
 * @param {ParamView} param
 */
export function hintOf({ description, type, min, max, ...param }) {
  const limits = min !== undefined && max !== undefined
    ? `${min} to ${max}`
    : min !== undefined
    ? `at least ${min}`
    : max !== undefined
    ? `at most ${max}`
    : "";
  const shape = type === "list" ? "a list: a,b" : type === "map" ? "a map: {a: 1}" : "";
  const need = "default" in param ? "" : "must be given";
  return [description, limits, shape, need].filter((part) => part !== "").join("; ");
}
