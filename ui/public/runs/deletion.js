// @ts-check
/// <reference lib="dom" />
// The button that deletes runs, once it has asked whether that is meant.
import { address, change } from "../api.js";
import { fill, h } from "../dom.js";

/**
 * Makes the button.
 * @param {() => readonly string[]} runs asked when it is pressed
 * @param {() => void} done called when they are deleted
 * @param {AbortSignal} signal
 */
export function deletion(runs, done, signal) {
  const place = h("span", { class: "sure", role: "group", "aria-label": "Delete" });
  const said = h("span", { class: "note", role: "status" });
  const first = h("button", { type: "button", click: () => ask() }, "Delete…");
  /** @param {string} words */
  const begin = (words) => {
    said.textContent = words;
    fill(place, said, first);
  };
  const ask = () => {
    const leave = () => {
      begin("");
      first.focus();
    };
    const keep = h("button", { type: "button", click: leave }, "Keep");
    const really = h(
      "button",
      { type: "button", class: "danger", click: () => perform() },
      "Delete",
    );
    const which = runs().length === 1 ? "Its record and logs go" : "Their records and logs go";
    said.textContent = `${which}; results stay until gc collects them`;
    fill(place, said, really, keep);
    keep.focus();
  };
  const perform = async () => {
    try {
      for (const run of runs()) await change(address`/api/runs/${run}/delete`, {}, signal);
      begin("");
      done();
    } catch (error) {
      begin(error instanceof Error ? error.message : String(error));
    }
  };
  begin("");
  return place;
}
