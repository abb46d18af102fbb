// What addresses of models on a server meant when the run began: a file for each, which a step's result stands
// for. Written before any step is looked up, so that a moved alias ends reuse, and all steps see one version.
import { createHash } from "node:crypto";
import { StepError, z } from "../../../engine/plugin.ts";
import type { FoundModel } from "./resolve.ts";

const pinSchema = z.strictObject({
  format: z.literal("cairn-pin/1"),
  address: z.string(),
  /** Address of the server. */
  server: z.string(),
  title: z.string(),
  uri: z.string(),
  digest: z.string().nullable(),
});

/** Where a pin lies in the folder of what concerns servers. */
export function pinPath(home: string, server: string, address: string): string {
  const name = createHash("sha256").update(`${server}\0${address}`).digest("hex").slice(0, 16);
  return `${home}/pins/${name}.json`;
}

/** Keeps what an address means; equal meanings give equal bytes. */
export async function writePin(
  home: string,
  { server, address }: { readonly server: string; readonly address: string },
  { title, uri, digest }: FoundModel,
): Promise<void> {
  const path = pinPath(home, server, address);
  const text = `${
    JSON.stringify({ format: "cairn-pin/1", address, server, title, uri, digest }, null, 2)
  }\n`;
  if (await Deno.readTextFile(path).catch(() => "") === text) return;
  await Deno.mkdir(`${home}/pins`, { recursive: true });
  const staged = `${path}.${crypto.randomUUID()}`;
  await Deno.writeTextFile(staged, text);
  await Deno.rename(staged, path);
}

/** Reads what an address meant; throws StepError where the server never said. */
export async function readPin(path: string, address: string): Promise<FoundModel> {
  try {
    return pinSchema.parse(JSON.parse(await Deno.readTextFile(path)));
  } catch (cause) {
    throw new StepError(`Nobody knows yet what "${address}" means on the MLflow server`, {
      hint: "It is asked for when a run begins: run again as soon as the server answers",
      cause,
    });
  }
}
