// A store on a network file system is refused before anything is written to it.
import assert from "node:assert/strict";
import {
  fileSystemOf,
  NetworkStoreError,
  refuseNetwork,
} from "../../../../engine/cache/disk/file_system.ts";
import { describeStoreError } from "../../../../engine/cli/open_workflow.ts";
import { openProjectState } from "../../../../engine/run/folder/run_folder.ts";

const isLinux = Deno.build.os === "linux";

/** A list of mounts with one of a type at a folder, as Linux writes it. */
function mounts(folder: string, type: string): string {
  return [
    "24 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw",
    `31 24 0:44 / ${folder.replaceAll(" ", "\\040")} rw,relatime shared:7 - ${type} host:/x rw`,
    "33 24 0:5 / /tmpfs rw - tmpfs tmpfs rw",
    "",
  ].join("\n");
}

for (
  const [kind, type] of [
    ["NFS", "nfs4"],
    ["SMB", "cifs"],
    ["Lustre", "lustre"],
    ["SSHFS", "fuse.sshfs"],
  ] satisfies [string, string][]
) {
  Deno.test({ name: `${kind} is refused as ${type}`, ignore: !isLinux }, () => {
    assert.throws(
      () => refuseNetwork("/tmp", () => mounts("/tmp", type)),
      (error) => error instanceof NetworkStoreError && error.kind === kind,
    );
  });
}

Deno.test("local file systems serve: ext4, btrfs, tmpfs, overlays, and this one", () => {
  for (const type of ["ext4", "btrfs", "tmpfs", "overlay", "fuse.ntfs-3g"]) {
    refuseNetwork("/tmp", () => mounts("/tmp", type));
  }
  refuseNetwork(Deno.cwd());
});

Deno.test({
  name: "mounts are known with the permissions of the tasks, which leave out /proc",
  ignore: !isLinux,
  fn: () => {
    const module = import.meta.resolve("../../../../engine/cache/disk/file_system.ts");
    const code = `import { fileSystemOf, readMounts } from ${JSON.stringify(module)};` +
      `console.log(fileSystemOf("/proc", readMounts()))`;
    const { stdout } = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--quiet",
        "--allow-read",
        "--allow-run",
        `data:text/typescript,${encodeURIComponent(code)}`,
      ],
    }).outputSync();
    assert.equal(new TextDecoder().decode(stdout), "proc\n");
  },
});

Deno.test("the nearest mount decides, of several at one place the last", () => {
  const list = mounts("/mnt/my data", "nfs4");
  assert.equal(fileSystemOf("/mnt/my data/project", list), "nfs4");
  assert.equal(fileSystemOf("/mnt/my data", list), "nfs4");
  assert.equal(fileSystemOf("/mnt/my database", list), "ext4");
  assert.equal(fileSystemOf("/mnt/my data/x", list + mounts("/mnt/my data", "xfs")), "xfs");
  assert.equal(fileSystemOf("/anywhere", ""), undefined);
});

Deno.test({
  name: "what exists of the way to a store decides, and nothing is made there",
  ignore: !isLinux,
  fn: async () => {
    const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "cairn_network_" }));
    await assert.rejects(
      openProjectState(`${folder}/project/.cairn`, { mounts: () => mounts(folder, "nfs") }),
      NetworkStoreError,
    );
    assert.deepEqual([...Deno.readDirSync(folder)], []);
    await Deno.remove(folder);
  },
});

Deno.test("the refusal says what is wrong and shows the way out", () => {
  const diagnostic = describeStoreError(
    "/home/me/.cairn",
    new NetworkStoreError("/home/me", "NFS"),
  );
  assert.equal(diagnostic?.code, "network-store");
  assert.match(diagnostic?.message ?? "", /"\/home\/me\/\.cairn" on a network file system \(NFS\)/);
  assert.match(diagnostic?.hint ?? "", /--store DIR/);
});
