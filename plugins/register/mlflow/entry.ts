// What an MLflow server is to be told of a registered version: `entry.json` in a folder of the outbox, with
// copies of the scores, curves and pictures beside it. The model's files stay in the local registry.
import { createHash } from "node:crypto";
import { StepError, z } from "../../../engine/plugin.ts";
import { measures } from "../../scores/measures.ts";

const entrySchema = z.strictObject({
  format: z.literal("cairn-mlflow/1"),
  /** Address of the server that it is for; never with a password. */
  server: z.string(),
  name: z.string(),
  /** Null where aliases are told of otherwise. */
  alias: z.string().nullable(),
  promote: z.strictObject({ alias: z.string(), when: z.enum(measures), by: z.number() }).nullable(),
  experiment: z.string(),
  /** The run of this engine that registered it, where a tracker tells the server of that run. */
  run: z.string().nullable().default(null),
  /** Tags of every run. */
  tags: z.record(z.string(), z.string()),
  /** Digest of the model's files. */
  digest: z.string(),
  /** Number in the local registry. */
  version: z.int(),
  queuedAtMs: z.int(),
  /** When training ended. */
  trainedAtMs: z.int(),
  dataset: z.strictObject({
    name: z.string(),
    digest: z.string(),
    profile: z.record(z.string(), z.number()),
  }).nullable(),
});

/** What `entry.json` holds. */
export type Entry = z.output<typeof entrySchema>;

/** Folders that can lie beside `entry.json`. */
export const attachments = ["scores", "history", "figures"] as const;

export type Attachment = typeof attachments[number];

/** Names an entry: the same version for the same server always by the same name. */
export function entryId({ server, name, digest }: Entry): string {
  return createHash("sha256").update(`${server}\0${name}\0${digest}`).digest("hex").slice(0, 16);
}

/** Reads an entry's file; throws StepError where it is damaged. */
export async function readEntry(folder: string): Promise<Entry> {
  const path = `${folder}/entry.json`;
  const text = await Deno.readTextFile(path);
  try {
    return entrySchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new StepError(`Cannot read "${path}"`, {
      hint: "Delete its folder, and register the model again with --force",
      cause,
    });
  }
}

/** Writes an entry's file and waits until it is on the disk. */
export async function writeEntry(folder: string, entry: Entry): Promise<void> {
  using file = await Deno.open(`${folder}/entry.json`, { createNew: true, write: true });
  const bytes = new TextEncoder().encode(`${JSON.stringify(entry, null, 2)}\n`);
  for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
  await file.sync();
}
