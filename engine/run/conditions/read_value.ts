// Reads a value that a condition names out of what a step has made: a JSON file of one of its outputs.
import { DamagedObjectError } from "../../cache/store.ts";
import type { FileEntry } from "../../cache/content/tree.ts";
import { quote, quoteList } from "../../diagnostics/suggest.ts";
import type { GraphRead } from "../../graph/graph.ts";
import { describeItems, itemOf } from "../../workflow/expression/values.ts";
import type { Json } from "../../workflow/workflow.ts";
import type { ReuseContext } from "../run_context.ts";

const MOST_BYTES = 16 * 2 ** 20;

/** Thrown where a condition cannot be computed; the message is for people. */
export class ConditionError extends Error {
  override readonly name = "ConditionError";

  constructor(message: string, readonly hint?: string) {
    super(message);
  }
}

/** Reads a value; the step that makes it must have ended well. Throws ConditionError where it is not there. */
export async function readValue(context: ReuseContext, read: GraphRead): Promise<Json> {
  const { file, keys } = await fileOf(context, read);
  let value = await parsed(context, read, file);
  for (const key of keys) {
    const item = itemOf(value, key);
    if (item === undefined) {
      const what = typeof key === "number" ? String(key) : quote(key);
      throw problem(read, `"${file.path}" has no ${what} there: ${describeItems(value)}`);
    }
    value = item;
  }
  return value;
}

/** The output's JSON file and the keys into it: the only one there is, or the one that the first key names. */
async function fileOf(
  { outputs, store }: ReuseContext,
  read: GraphRead,
): Promise<{ readonly file: FileEntry; readonly keys: GraphRead["keys"] }> {
  const tree = outputs.get(read.from)?.[read.output];
  if (tree === undefined) throw new Error(`output "${read.output}" of "${read.from}" is not known`);
  const { entries } = await store.readTree(tree).catch(orDamaged);
  const files = entries.filter((entry): entry is FileEntry =>
    entry.type === "file" && /^[^/]+\.json$/.test(entry.path)
  );
  const [first, ...rest] = read.keys;
  const named = files.find(({ path }) => path === first);
  if (named !== undefined) return { file: named, keys: rest };
  const [only, another] = files;
  if (only === undefined) {
    throw problem(read, `output "${read.output}" of step "${read.from}" holds no JSON file`);
  }
  if (another === undefined) return { file: only, keys: read.keys };
  throw problem(
    read,
    `output "${read.output}" holds ${quoteList(files.map(({ path }) => path))}`,
    `Name the file as the first key, such as steps.STEP.${read.output}['${only.path}']`,
  );
}

async function parsed({ store }: ReuseContext, read: GraphRead, file: FileEntry): Promise<Json> {
  if (file.sizeBytes > MOST_BYTES) {
    throw problem(read, `"${file.path}" is larger than ${MOST_BYTES / 2 ** 20} MiB`);
  }
  const text = await store.readBlob(file.digest).catch(orDamaged);
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    throw problem(
      read,
      `"${file.path}" is no JSON: ${error instanceof Error ? error.message : ""}`,
    );
  }
}

function problem({ text }: GraphRead, message: string, hint?: string): ConditionError {
  return new ConditionError(
    `Its condition cannot be computed: in ${quote(text)}, ${message}`,
    hint,
  );
}

function orDamaged(error: unknown): never {
  if (!(error instanceof DamagedObjectError)) throw error;
  const hint = "Run again: the step that makes it will run anew";
  throw new ConditionError(`Its condition cannot be computed: ${error.message}`, hint);
}
