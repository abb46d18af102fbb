// What kind of file system a folder lies on: on one that several machines share, locks and the index's log
// cannot be relied on. Told by the system's own list of mounts; Node's way takes longer to load than that.

/** Linux's names of network file systems; those of FUSE are named after the program that brings them. */
const NETWORK: ReadonlyMap<string, string> = new Map([
  ["nfs", "NFS"],
  ["nfs4", "NFS"],
  ["cifs", "SMB"],
  ["smb3", "SMB"],
  ["smbfs", "SMB"],
  ["ncpfs", "NCP"],
  ["afs", "AFS"],
  ["ceph", "Ceph"],
  ["lustre", "Lustre"],
  ["gpfs", "GPFS"],
  ["fuse.sshfs", "SSHFS"],
  ["fuse.glusterfs", "GlusterFS"],
  ["fuse.ceph", "Ceph"],
  ["fuse.rclone", "rclone"],
  ["fuse.s3fs", "S3FS"],
]);

/** Thrown for a store that would lie on a network file system. */
export class NetworkStoreError extends Error {
  override readonly name = "NetworkStoreError";

  constructor(readonly folder: string, readonly kind: string) {
    super(`"${folder}" lies on a network file system (${kind})`);
  }
}

const MOUNTS = "/proc/self/mountinfo";

/** Gives the text of `/proc/self/mountinfo`; empty where there is none. */
export type MountList = () => string;

/** Throws NetworkStoreError where a folder, or what exists of the way to it, lies on a network file system. */
export function refuseNetwork(folder: string, mounts: MountList = readMounts): void {
  if (Deno.build.os !== "linux") return;
  const type = fileSystemOf(nearestPresent(folder), mounts());
  const kind = NETWORK.get(type ?? "");
  if (kind !== undefined) throw new NetworkStoreError(folder, kind);
}

/** Name of the file system that is mounted at a real path or nearest above it; undefined where none is listed. */
export function fileSystemOf(path: string, mountInfo: string): string | undefined {
  let nearest = "";
  let type: string | undefined;
  for (const line of mountInfo.split("\n")) {
    const [before = "", after = ""] = line.split(" - ");
    const [, , , , point] = before.split(" ");
    if (point === undefined) continue;
    const folder = unescaped(point);
    const holds = folder === "/" || path === folder || path.startsWith(`${folder}/`);
    // Of several mounted at one place the last is seen.
    if (holds && folder.length >= nearest.length) [nearest, type] = [folder, after.split(" ")[0]];
  }
  return type;
}

/** The list writes blanks and the like as `\040`. */
function unescaped(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_, code) => String.fromCharCode(parseInt(code, 8)));
}

/** The system's list of mounts. */
export function readMounts(): string {
  try {
    return Deno.readTextFileSync(MOUNTS);
  } catch (error) {
    // Deno keeps /proc from all who may not do everything; a program is not kept from it.
    return error instanceof Deno.errors.NotCapable ? printed("cat", MOUNTS) : "";
  }
}

function printed(program: string, ...args: readonly string[]): string {
  try {
    const { stdout } = new Deno.Command(program, { args: [...args], stderr: "null" }).outputSync();
    return new TextDecoder().decode(stdout);
  } catch {
    return "";
  }
}

function nearestPresent(path: string): string {
  for (let at = path;; at = at.slice(0, at.lastIndexOf("/"))) {
    if (at === "") return "/";
    try {
      return Deno.realPathSync(at);
    } catch (error) {
      const isAbsent = error instanceof Deno.errors.NotFound ||
        error instanceof Deno.errors.NotADirectory;
      if (!isAbsent) throw error;
    }
  }
}
