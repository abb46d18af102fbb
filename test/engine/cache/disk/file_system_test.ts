// A store on a network file system is refused before anything is written to it.
import assert from "node:assert/strict";
import { NetworkStoreError, refuseNetwork } from "../../../../engine/cache/disk/file_system.ts";
import { describeStoreError } from "../../../../engine/cli/open_workflow.ts";
import { openProjectState } from "../../../../engine/run/run_folder.ts";

const isLinux = Deno.build.os === "linux";
const NFS = 0x6969;

for (
  const [kind, type] of [
    ["NFS", NFS],
    ["SMB", 0xff534d42],
    ["SMB", 0xff534d42 | 0], // as a signed number
    ["Lustre", 0x0bd00bd0],
  ] satisfies [string, number][]
) {
  Deno.test({ name: `${kind} is refused as ${type}`, ignore: !isLinux }, () => {
    assert.throws(
      () => refuseNetwork("/tmp", () => type),
      (error) => error instanceof NetworkStoreError && error.kind === kind,
    );
  });
}

Deno.test("local file systems serve: ext4, btrfs, tmpfs, overlays, and this one", () => {
  for (const type of [0xef53, 0x9123683e, 0x01021994, 0x794c7630]) {
    refuseNetwork("/tmp", () => type);
  }
  refuseNetwork(Deno.cwd());
});

Deno.test({
  name: "what exists of the way to a store decides, and nothing is made there",
  ignore: !isLinux,
  fn: async () => {
    const folder = await Deno.makeTempDir({ prefix: "cairn_network_" });
    const asked: string[] = [];
    const fileSystemAt = (path: string): number => {
      asked.push(path);
      return NFS;
    };
    await assert.rejects(
      openProjectState(`${folder}/project/.cairn`, { fileSystemAt }),
      NetworkStoreError,
    );
    assert.deepEqual(asked, [folder]);
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
