// @ts-check
/// <reference lib="dom" />
// The remote stores of a run: what went there, and what went wrong.
import { h } from "../dom.js";
import { byteSize, count } from "../words.js";

/**
 * What went wrong with a remote store: the run goes on without, so it must be told.
 * @param {import("../../runs/run_fold.ts").RemoteView} remote
 */
export function remoteProblems({ name, problems }) {
  return problems.map(({ message, hint }) =>
    h(
      "p",
      { class: "warning" },
      h("b", {}, `Remote store ${name}: `),
      message,
      hint !== undefined && h("span", { class: "note" }, ` Hint: ${hint}`),
    )
  );
}

/**
 * What went to remote stores, as facts.
 * @param {readonly import("../../runs/run_fold.ts").RemoteView[]} remotes
 */
export function sentTo(remotes) {
  return remotes.flatMap(({ name, sent }) => {
    if (sent === undefined) return [];
    const rest = sent.unsent === 0
      ? ""
      : `, ${sent.unsent} ${sent.isOver ? "did not get there" : "on their way"}`;
    const words = `${count(sent.sent, "result")}, ${byteSize(sent.sentBytes)}${rest}`;
    return [h("div", {}, h("dt", {}, "Sent to ", h("code", {}, name)), h("dd", {}, words))];
  });
}
