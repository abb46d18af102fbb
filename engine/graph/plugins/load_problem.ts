// Why a plugin's module cannot be loaded, read from what Deno says of it: pure.
import type { PluginProblem } from "./plugin_source.ts";

const ENTRY = "$deno$stdin";

/** Turns what Deno printed into words and a place. */
export function loadProblem(stderr: string): PluginProblem {
  const at = placeIn(stderr);
  return { ...wordsOf(stderr), ...(at === undefined ? {} : { at }) };
}

function wordsOf(stderr: string): PluginProblem {
  const first = stderr.split("\n").map((line) => line.trim()).find((line) => line !== "") ?? "";
  const words = first.replace(/^error: (Uncaught )?(\(in promise\) )?/, "").replace(/\.$/, "");
  const denied = /NotCapable: (Requires .+), run again with/.exec(words)?.[1];
  return denied === undefined ? { problem: `cannot be loaded: ${words}` } : {
    problem: `does more than declare itself when it is loaded: ${denied}`,
    hint: "Do it in run: a module is loaded to be asked, without any permission",
  };
}

/** The innermost place in a file. */
function placeIn(stderr: string): PluginProblem["at"] {
  for (const [, url = "", line, column] of stderr.matchAll(/(file:\/\/[^\s()]+):(\d+):(\d+)/g)) {
    if (url.includes(ENTRY)) continue;
    return {
      path: decodeURIComponent(new URL(url).pathname),
      line: Number(line),
      column: Number(column),
    };
  }
  return undefined;
}
