// Opens a remote store: chooses the implementation, and refuses a layout of a later version.
import { FORMAT, FORMAT_KEY } from "../layout.ts";
import type { RemoteAddress } from "./address.ts";
import { FolderRemote } from "./folder_remote.ts";
import { type Remote, RemoteProblem } from "./remote.ts";

// Named by a variable, because Deno reads what a literal import names before the program starts.
const S3 = import.meta.resolve("./s3_remote.ts");

/** Gives the store at an address without asking it anything; the S3 client is loaded only for S3. */
export async function remoteAt(address: RemoteAddress): Promise<Remote> {
  if (address.type === "folder") return new FolderRemote(address);
  const { S3Remote } = await import(S3) as typeof import("./s3_remote.ts");
  return new S3Remote(address);
}

/** Throws RemoteProblem where a store's FORMAT file, if it has one, tells of a layout other than ours. */
export function checkFormat(text: string | undefined): void {
  const found = text?.trim() ?? FORMAT;
  if (found === FORMAT) return;
  const hint = "Use another folder or prefix, or the version of cairn that wrote it";
  throw new RemoteProblem(
    `its ${FORMAT_KEY} is "${found.slice(0, 20)}", this version reads ${FORMAT}`,
    hint,
  );
}
