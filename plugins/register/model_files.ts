// The files of a model folder: which there are, and the digest that says whether two models are equal.
import { createHash } from "node:crypto";

/** Lists a folder's files, also in folders below, as sorted relative paths with `/`. */
export async function listFiles(folder: string): Promise<string[]> {
  const files: string[] = [];
  for await (const entry of Deno.readDir(folder)) {
    if (!entry.isDirectory) files.push(entry.name);
    else {
      for (const below of await listFiles(`${folder}/${entry.name}`)) {
        files.push(`${entry.name}/${below}`);
      }
    }
  }
  return files.sort();
}

/** Digests names and contents of all files of a folder: `sha256:` and 64 hex digits. */
export async function digestFolder(folder: string): Promise<string> {
  const total = createHash("sha256");
  for (const path of await listFiles(folder)) {
    const file = createHash("sha256");
    using source = await Deno.open(`${folder}/${path}`);
    const buffer = new Uint8Array(1 << 20);
    for (let read = await source.read(buffer); read !== null; read = await source.read(buffer)) {
      file.update(buffer.subarray(0, read));
    }
    // A file name cannot hold a zero byte, so no two listings spell the same.
    total.update(`${path}\0${file.digest("hex")}\0`);
  }
  return `sha256:${total.digest("hex")}`;
}

/** Copies all files of a folder into another one, which must exist. */
export async function copyFiles(from: string, to: string): Promise<void> {
  for (const path of await listFiles(from)) {
    const parent = path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : ".";
    await Deno.mkdir(`${to}/${parent}`, { recursive: true });
    await Deno.copyFile(`${from}/${path}`, `${to}/${path}`);
  }
}

/** Opens a new file to be written as a stream, and makes its folder. */
export async function sinkFor(path: string): Promise<WritableStream<Uint8Array<ArrayBuffer>>> {
  await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  return (await Deno.open(path, { createNew: true, write: true })).writable;
}
