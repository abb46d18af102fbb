// Fetches the code of a plugin from elsewhere without running any of it, and keeps Deno to the versions and
// digests that are known of it.
import { createHash } from "node:crypto";
import type { JsonObject } from "../../workflow/workflow.ts";
import type { PluginProblem } from "./plugin_source.ts";
import { LOCK_NAME } from "./plugin_lock.ts";
import { pinnedFlags } from "./resolution.ts";

/** Code that can run now: all of it lies in Deno's cache. */
export interface FetchedCode {
  /** Absolute path of a lock file of Deno, named after what it pins. */
  readonly lockFile: string;
  /** What that pins. */
  readonly code: JsonObject;
}

/** Why there is no code. */
export interface FetchProblem extends PluginProblem {
  /** Whether it is there, but is not what was known of it. */
  readonly isChanged: boolean;
}

/** Where lock files of plugins lie below a project's folder. */
const PINNED = ".cairn/pinned";

const MISMATCH = /^ *(error: )?(\d+: )?(Integrity check failed|Tarball checksum did not match)/m;

/** The engine's own modules that run beside the plugin's. */
const COMPANION = new URL("./describe_main.ts", import.meta.url).href;

/** Fetches the code at `specifier`; all of it must be as `known` says, where anything is known. */
export async function fetchCode(
  specifier: string,
  from: { readonly projectFolder: string; readonly known: JsonObject | undefined },
): Promise<FetchedCode | FetchProblem> {
  const folder = `${from.projectFolder}/${PINNED}`;
  await Deno.mkdir(folder, { recursive: true });
  const part = `${folder}/${crypto.randomUUID()}.part`;
  try {
    if (from.known !== undefined) await Deno.writeTextFile(part, JSON.stringify(from.known));
    const words = await cache(specifier, part);
    if (words !== undefined) return problemOf(words, from.known !== undefined);
    const code = from.known ?? JSON.parse(await Deno.readTextFile(part)) as JsonObject;
    // What comes with cairn is added to the file that processes use, and is not the plugin's own.
    await cache(COMPANION, part);
    const digest = createHash("sha256").update(JSON.stringify(code)).digest("hex");
    const lockFile = `${folder}/${digest}.json`;
    await Deno.rename(part, lockFile);
    return { lockFile, code };
  } finally {
    await Deno.remove(part).catch(() => {});
  }
}

/** Downloads a module and all it imports; gives what Deno says where that fails. */
async function cache(specifier: string, lockFile: string): Promise<string | undefined> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["cache", "--quiet", ...pinnedFlags(lockFile), "--allow-import", specifier],
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "null",
  }).output();
  return success ? undefined : new TextDecoder().decode(stderr);
}

function problemOf(words: string, isKnown: boolean): FetchProblem {
  if (!isKnown || !MISMATCH.test(words)) {
    return { problem: `cannot be loaded: ${firstSentence(words)}`, isChanged: false };
  }
  const [, what] = /Specifier: (\S+)/.exec(words) ?? /registry for (\S+?)\.?$/m.exec(words) ?? [];
  return {
    problem: `is no longer the code that ${LOCK_NAME} has${what === undefined ? "" : `: ${what}`}`,
    hint: "Find out why it changed; --trust takes it as it is now",
    isChanged: true,
  };
}

/** What Deno says first. */
function firstSentence(stderr: string): string {
  const lines = stderr.split("\n").map((line) => line.trim()).filter((line) => line !== "");
  return (lines[0] ?? "").replace(/^error: /, "");
}
