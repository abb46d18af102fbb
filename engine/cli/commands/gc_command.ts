// `cairn gc`: says which stored results are no longer needed, and deletes them.
import { staleCheckpoints, type StoredCheckpoint } from "../../cache/checkpoints.ts";
import { type Collection, moveAway, planCollection } from "../../cache/upkeep/collect.ts";
import { badFlagValue } from "../../diagnostics/catalog.ts";
import { DiagnosticsError } from "../../diagnostics/diagnostic.ts";
import { parseMemory } from "../../run/need.ts";
import { readUsage } from "../../run/folder/used_results.ts";
import { type Arguments, type CliContext, type Command, EXIT } from "../command.ts";
import { STORE_FLAG } from "../flags.ts";
import { openPresentState } from "../open_workflow.ts";
import { byteSize, count, table } from "../report/words.ts";

const KEPT_RUNS = 10;
const MOST_RESULTS = 30;

export const gcCommand: Command = {
  name: "gc",
  summary: "deletes stored results that no recent run and no registered model needs",
  positionals: [],
  flags: {
    ...STORE_FLAG,
    "keep-runs": {
      type: "string",
      value: "K",
      description: `keeps what the last K runs used, ${KEPT_RUNS} by default`,
    },
    budget: {
      type: "string",
      value: "SIZE",
      description: "deletes the oldest results only until the rest fits, such as 20GB",
    },
    "dry-run": { type: "boolean", description: "says what would be deleted, deletes nothing" },
  },
  perform: collectGarbage,
};

async function collectGarbage(context: CliContext, args: Arguments): Promise<number> {
  const keepRuns = args.count("keep-runs") ?? KEPT_RUNS;
  const budgetBytes = readBudget(args.text("budget"));
  await using state = await openPresentState(context, args);
  const { store } = state;
  const { terminal, signal } = context;
  const onWait = (): void => terminal.write("Waiting until others are done with the store\n");
  const trash = await store.access.alone({ signal, onWait }, async () => {
    const usage = await readUsage(state.folder, keepRuns);
    const collection = await planCollection(store, usage, { budgetBytes });
    const checkpoints = staleCheckpoints(store, usage.kept);
    const runs = usage.stale.length;
    terminal.write(describeCollection(collection, { checkpoints, runs, budgetBytes }));
    const others = [...checkpoints, ...usage.stale].map(({ path }) => path);
    return args.has("dry-run")
      ? undefined
      : await moveAway(store, [...collection.paths, ...others]);
  });
  if (trash === undefined) terminal.write("Nothing was deleted: this was a dry run\n");
  else await Deno.remove(trash, { recursive: true });
  return EXIT.done;
}

function readBudget(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  try {
    return parseMemory(text);
  } catch {
    throw new DiagnosticsError([
      badFlagValue("--budget", `a size such as 500MB or 20GB, not "${text}"`),
    ]);
  }
}

/** What a collection deletes, as lines. */
function describeCollection(
  collection: Collection,
  options: {
    readonly checkpoints: readonly StoredCheckpoint[];
    readonly runs: number;
    readonly budgetBytes: number | undefined;
  },
): string {
  const { forgotten, objects, views, quarantined, keptResults, keptBytes } = collection;
  const isOver = keptBytes > (options.budgetBytes ?? Infinity);
  const rows = forgotten.slice(0, MOST_RESULTS).map(({ step, run, finishedAtMs, sizeBytes }) => [
    step,
    run,
    new Date(finishedAtMs).toISOString().slice(0, 16).replace("T", " "),
    byteSize(sizeBytes),
  ]);
  const rest = forgotten.length - rows.length;
  const parts = [
    count(forgotten.length, "result"),
    `${count(objects, "object")} (${byteSize(collection.freedBytes)})`,
    count(views, "view"),
    count(quarantined, "quarantined file"),
    ...checkpointsOf(options.checkpoints),
    count(options.runs, "run folder"),
  ];
  return (rows.length === 0 ? "" : table([["step", "run", "made", "size"], ...rows])) +
    (rest === 0 ? "" : `and ${rest} more\n`) +
    `Deletes ${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}\n` +
    `Keeps ${count(keptResults, "result")} (${byteSize(keptBytes)})\n` +
    (isOver ? "That is over the budget, but recent runs or registered models need it\n" : "");
}

function checkpointsOf(checkpoints: readonly StoredCheckpoint[]): readonly string[] {
  if (checkpoints.length === 0) return [];
  const bytes = checkpoints.reduce((sum, { record }) => sum + (record?.sizeBytes ?? 0), 0);
  return [`${count(checkpoints.length, "checkpoint")} (${byteSize(bytes)})`];
}
