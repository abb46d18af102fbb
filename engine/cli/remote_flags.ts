// The flags and variables that name a remote store, checked before anything runs.
import { RemoteProblem } from "../cache/remote/remote.ts";
import { badFlagValue, badRemote } from "../diagnostics/catalog.ts";
import { DiagnosticsError } from "../diagnostics/diagnostic.ts";
import type { RemoteChoice } from "../run/shared_results.ts";
import type { Arguments, CliContext, Command } from "./command.ts";

// Named by variables, because Deno reads what a literal import names before the program starts.
const ADDRESS = import.meta.resolve("../cache/remote/address.ts");
const OPEN = import.meta.resolve("../cache/remote/open_remote.ts");

const ADDRESS_VARIABLE = "CAIRN_REMOTE";
const MODE_VARIABLE = "CAIRN_REMOTE_MODE";

/** Flags of the commands that use a remote store. */
export const REMOTE_FLAGS = {
  remote: {
    type: "string",
    value: "URL",
    description: "shares results by a folder, s3://BUCKET/PREFIX or https://HOST/BUCKET/PREFIX",
  },
  "remote-read-only": {
    type: "boolean",
    description: "takes results from there, sends none",
  },
} as const satisfies Command["flags"];

/** The remote store that flags or variables ask for; throws DiagnosticsError where that is none. */
export async function remoteChoice(
  context: CliContext,
  args: Arguments,
): Promise<RemoteChoice | undefined> {
  const { cwd, environment } = context;
  const flag = args.text("remote");
  const text = flag ?? environment(ADDRESS_VARIABLE) ?? "";
  const isReadOnly = args.has("remote-read-only") || isReadMode(environment(MODE_VARIABLE));
  if (text === "" && flag === undefined) return undefined;
  const { parseAddress } = await import(ADDRESS) as typeof import("../cache/remote/address.ts");
  const { remoteAt } = await import(OPEN) as typeof import("../cache/remote/open_remote.ts");
  try {
    const address = parseAddress(text, { cwd, env: environment });
    return { name: address.name, isReadOnly, open: () => remoteAt(address) };
  } catch (error) {
    if (!(error instanceof RemoteProblem)) throw error;
    const { message: problem, hint } = error;
    const source = flag === undefined ? ADDRESS_VARIABLE : "--remote";
    throw new DiagnosticsError([badRemote(withoutSecrets(text), { source, problem, hint })]);
  }
}

function isReadMode(mode: string | undefined): boolean {
  if (mode === undefined || mode === "" || mode === "write") return false;
  if (mode === "read") return true;
  throw new DiagnosticsError([badFlagValue(MODE_VARIABLE, `"read" or "write", not "${mode}"`)]);
}

/** An address as it may be shown: whatever stands where credentials or options would is left out. */
function withoutSecrets(text: string): string {
  return text.replace(/(?<=:\/\/)[^/]*@/, "…@").replace(/[?#].*$/, "…");
}
