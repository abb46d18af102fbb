// `cairn verify`: reads everything that is stored again, and says what was altered or is missing.
import { type Finding, type Verification, verifyStore } from "../../cache/upkeep/verify.ts";
import { type Arguments, type CliContext, type Command, EXIT } from "../command.ts";
import { STORE_FLAG } from "../flags.ts";
import { openPresentState } from "../open_workflow.ts";
import type { Terminal } from "../report/terminal.ts";
import { byteSize, count, table } from "../report/words.ts";

const MOST_FINDINGS = 20;

export const verifyCommand: Command = {
  name: "verify",
  summary: "reads everything that is stored again, and sets aside what was altered",
  positionals: [],
  flags: STORE_FLAG,
  perform: verify,
};

async function verify(context: CliContext, args: Arguments): Promise<number> {
  const { terminal, signal } = context;
  await using state = await openPresentState(context, args);
  const progress = new ProgressLine(terminal);
  try {
    const found = await verifyStore(state.store, {
      signal,
      onProgress: (done, total) => progress.show(done, total),
    });
    progress.clear();
    terminal.write(describeVerification(found, state.folder));
    return found.findings.length === 0 ? EXIT.done : EXIT.failed;
  } finally {
    progress.clear();
  }
}

/** What was checked and what was found, as lines. */
function describeVerification(found: Verification, folder: string): string {
  const { findings } = found;
  const { checkpoints } = found;
  const parts = [
    `${count(found.objects, "object")} (${byteSize(found.sizeBytes)})`,
    count(found.results, "result"),
    count(found.views, "view"),
    ...(checkpoints === 0 ? [] : [count(checkpoints, "checkpoint")]),
  ];
  const checked = `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`;
  if (findings.length === 0) return `${checked}: nothing is wrong\n`;
  const rows = findings.slice(0, MOST_FINDINGS).map((finding) => rowOf(finding, folder));
  const rest = findings.length - rows.length;
  return table(rows) + (rest === 0 ? "" : `and ${rest} more\n`) +
    `${checked}: ${count(findings.length, "thing")} wrong, set aside; ` +
    `the next run makes anew what it needs\n`;
}

function rowOf(finding: Finding, folder: string): readonly string[] {
  switch (finding.type) {
    case "altered-object":
      return ["altered", `${within(folder, finding.path)} is in the quarantine now`];
    case "altered-view":
      return ["altered", `${within(folder, finding.path)} is removed`];
    case "damaged-record":
    case "damaged-checkpoint":
      return ["damaged", `${within(folder, finding.path)} is removed`];
    case "incomplete-result": {
      const { step, run, missing } = finding;
      return [
        "missing",
        `${missing.slice(0, 19)}…; the result of step "${step}" in run ${run} is forgotten`,
      ];
    }
  }
}

function within(folder: string, path: string): string {
  return path.slice(folder.length + 1);
}

/** One line that says how far the reading is; nothing where there is no terminal. */
class ProgressLine {
  #percent = -1;

  constructor(private readonly terminal: Terminal) {}

  show(doneBytes: number, totalBytes: number): void {
    const percent = totalBytes === 0 ? 100 : Math.floor((100 * doneBytes) / totalBytes);
    if (!this.terminal.isInteractive || percent === this.#percent) return;
    this.#percent = percent;
    this.terminal.write(`\r\x1b[K${percent} % of ${byteSize(totalBytes)} read`);
  }

  clear(): void {
    if (this.#percent !== -1) this.terminal.write("\r\x1b[K");
    this.#percent = -1;
  }
}
