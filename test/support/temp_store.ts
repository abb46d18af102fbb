// A store in a temporary folder, with a folder beside it for files to put in.
import { Store } from "../../engine/cache/store.ts";
import type { Tree } from "../../engine/cache/content/tree.ts";

export interface TempStore extends AsyncDisposable {
  readonly store: Store;
  /** Folder for the test's own files. */
  readonly folder: string;
  /** Writes files into a new folder and takes them into the store; keys ending in "/" are empty folders. */
  put(files: Readonly<Record<string, string>>): Promise<Tree>;
}

/** Opens a new store; dispose it to remove everything. */
export async function tempStore(): Promise<TempStore> {
  const root = await Deno.realPath(await Deno.makeTempDir({ prefix: "cairn_store_" }));
  const folder = `${root}/files`;
  await Deno.mkdir(folder);
  const store = await Store.open(`${root}/store`);
  return {
    store,
    folder,
    put: async (files) => {
      const source = await Deno.makeTempDir({ dir: store.workspace.path });
      await writeFiles(source, files);
      return await store.takeTree(source);
    },
    [Symbol.asyncDispose]: async () => {
      await store[Symbol.asyncDispose]();
      await Deno.remove(root, { recursive: true });
    },
  };
}

/** Writes files by relative path; a path that ends in "/" is an empty folder. */
export async function writeFiles(
  folder: string,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    const path = `${folder}/${name}`;
    await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    if (!name.endsWith("/")) await Deno.writeTextFile(path, text);
  }
}

/** Writes other bytes over a stored object, as a person or a failing disk might. */
export async function damage(path: string, text: string): Promise<void> {
  await Deno.chmod(path, 0o644);
  await Deno.writeTextFile(path, text);
}
