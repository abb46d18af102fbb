// Disks that a test can fill or make read-only, where the machine lets it.
import assert from "node:assert/strict";

/** Makes `setpriv` give a process no more rights over files than any user has. */
export const DROP_RIGHTS = "--bounding-set=-dac_override,-dac_read_search,-fowner";

const CAN = {
  "to mount": await works(
    "m=$(mktemp -d) && mount -t tmpfs none $m && umount $m; e=$?; rmdir $m; exit $e",
  ),
  "to drop rights with setpriv": await works(`setpriv ${DROP_RIGHTS} true`),
};

/** A test that only some machines allow; its name says why it is skipped on others. */
export function testThatNeeds(need: keyof typeof CAN, name: string, fn: () => Promise<void>): void {
  Deno.test({
    name: CAN[need] ? name : `${name} (skipped: needs ${need})`,
    ignore: !CAN[need],
    fn,
  });
}

async function works(script: string): Promise<boolean> {
  return (await sh(script)).success;
}

function sh(script: string): Promise<Deno.CommandOutput> {
  return new Deno.Command("sh", { args: ["-c", script], stdout: "null", stderr: "null" }).output();
}

/** A small file system in memory; disposing unmounts it. */
export class SmallDisk implements AsyncDisposable {
  private constructor(readonly path: string) {}

  /** Mounts one at a path, or in a temporary folder. */
  static async mount(sizeKib: number, path?: string): Promise<SmallDisk> {
    const disk = new SmallDisk(path ?? await Deno.makeTempDir({ prefix: "cairn_disk_" }));
    await Deno.mkdir(disk.path, { recursive: true });
    await disk.#mount(`size=${sizeKib}k`);
    return disk;
  }

  async remount(options: string): Promise<void> {
    await this.#mount(`remount,${options}`);
  }

  async #mount(options: string): Promise<void> {
    const { success } = await sh(`mount -t tmpfs -o ${options} none ${this.path}`);
    assert.ok(success, `mount with ${options}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await sh(`umount ${this.path}`);
    await Deno.remove(this.path);
  }
}
