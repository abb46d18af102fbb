// What kind of file system a folder lies on: on one that several machines share, locks and the index's log
// cannot be relied on.
import { statfsSync } from "node:fs";

/** Linux's numbers of network file systems; elsewhere such numbers mean other things. */
const NETWORK: ReadonlyMap<number, string> = new Map([
  [0x6969, "NFS"],
  [0x517b, "SMB"],
  [0xfe534d42, "SMB"],
  [0xff534d42, "SMB"],
  [0x564c, "NCP"],
  [0x5346414f, "AFS"],
  [0x6b414653, "AFS"],
  [0x00c36400, "Ceph"],
  [0x0bd00bd0, "Lustre"],
  [0x47504653, "GPFS"],
]);

/** Thrown for a store that would lie on a network file system. */
export class NetworkStoreError extends Error {
  override readonly name = "NetworkStoreError";

  constructor(readonly folder: string, readonly kind: string) {
    super(`"${folder}" lies on a network file system (${kind})`);
  }
}

/** Gives the number of the file system at a path that exists. */
export type FileSystemAt = (path: string) => number;

/** Throws NetworkStoreError where a folder, or what exists of the way to it, lies on a network file system. */
export function refuseNetwork(
  folder: string,
  fileSystemAt: FileSystemAt = (path) => statfsSync(path).type,
): void {
  if (Deno.build.os !== "linux") return;
  const kind = NETWORK.get(fileSystemAt(nearestPresent(folder)) >>> 0); // the kernel's number is unsigned
  if (kind !== undefined) throw new NetworkStoreError(folder, kind);
}

function nearestPresent(path: string): string {
  for (let at = path;; at = at.slice(0, at.lastIndexOf("/"))) {
    if (at === "") return "/";
    try {
      Deno.statSync(at);
      return at;
    } catch (error) {
      const isAbsent = error instanceof Deno.errors.NotFound ||
        error instanceof Deno.errors.NotADirectory;
      if (!isAbsent) throw error;
    }
  }
}
