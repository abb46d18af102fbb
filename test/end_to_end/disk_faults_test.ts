// Disks that are full, read-only, elsewhere or forbidden, and clocks that go back: words instead of stacks,
// nothing lost, and the next run ends right once the trouble is over.
import assert from "node:assert/strict";
import { type CliResult, commandStep, Project, resultOf, workflowOf } from "../support/rig.ts";
import { DROP_RIGHTS, SmallDisk, testThatNeeds } from "../support/small_disk.ts";

const KIB = 1024;
const SIZE = 200 * KIB;

/** A makes 200 KiB, B copies them; both print enough to fill pages of a log. */
const WORKFLOW = workflowOf([
  commandStep("a", `seq 1 2000\nhead -c ${SIZE} /dev/zero > \${{ outputs.out }}/zeros`),
  commandStep("b", "seq 1 2000\ncp ${{ inputs.in }}/zeros ${{ outputs.out }}/zeros", {
    inputs: "in: a.out",
  }),
], "publish:\n  out: b.out\n");

/** The run went well: every byte is there and the store is whole. */
async function assertRight(project: Project, ...flags: readonly string[]): Promise<void> {
  const run = await project.run(...flags);
  assert.deepEqual([run.code, run.error], [0, ""]);
  assert.deepEqual(await Deno.readFile(project.path("out/zeros")), new Uint8Array(SIZE));
  const verified = await project.cairn("verify", ...flags);
  assert.equal(verified.code, 0, verified.out + verified.error);
}

function assertNoStack({ out, error }: CliResult): void {
  assert.doesNotMatch(out + error, /^\s*at (async |file:|\w+ \(|ext:)/m);
}

for (const freeKib of [0, 16, 80, 150, 220, 280, 500, 700]) {
  testThatNeeds(
    "to mount",
    `a disk with ${freeKib} KiB left ends the run with words, and costs nothing that was done`,
    async () => {
      await using disk = await SmallDisk.mount(4 * KIB);
      await using project = await Project.make({ "workflow.yaml": WORKFLOW });
      const filler = `${disk.path}/filler`;
      await Deno.writeFile(filler, new Uint8Array((4 * KIB - freeKib) * KIB));
      const store = `${disk.path}/store`;
      const full = await project.cairn("run", "workflow.yaml", "--store", store);
      assertNoStack(full);
      assert.match(
        full.out + full.error,
        /The disk (is full|failed to read or write)|No space left on device/,
      );
      assert.ok([1, 2].includes(full.code), `exit code ${full.code}`);
      await Deno.remove(filler);
      await assertRight(project, "--store", store);
    },
  );
}

testThatNeeds(
  "to mount",
  "a store that has become read-only is refused, and serves again when it is writable",
  async () => {
    await using disk = await SmallDisk.mount(4 * KIB);
    await using project = await Project.make({ "workflow.yaml": WORKFLOW });
    const flags = ["--store", `${disk.path}/store`];
    await assertRight(project, ...flags);
    await disk.remount("ro");
    const refused = await project.cairn("run", "workflow.yaml", ...flags);
    assertNoStack(refused);
    assert.equal(refused.code, 2);
    assert.match(
      refused.error,
      /error\[unusable-store\]: Cannot use .*The file system is read-only/,
    );
    assert.match(refused.error, /hint: .*--store/);
    await disk.remount("rw");
    assert.deepEqual((await project.run(...flags)).steps, { a: "reused", b: "reused" });
  },
);

testThatNeeds(
  "to mount",
  "a published folder without room is left as it was, and the results stay reusable",
  async () => {
    await using project = await Project.make({ "workflow.yaml": WORKFLOW });
    await using disk = await SmallDisk.mount(256, project.path("out"));
    await Deno.writeFile(`${disk.path}/filler`, new Uint8Array(150 * KIB));
    const full = await project.cairn("run", "workflow.yaml");
    assertNoStack(full);
    assert.equal(full.code, 1);
    assert.match(full.out, /error\[publish-failed\]: Cannot publish to "out": The disk is full/);
    assert.deepEqual(project.files("out").filter((name) => name === "zeros"), []);
    await Deno.remove(`${disk.path}/filler`);
    await disk.remount("size=1024k");
    assert.deepEqual((await project.run()).steps, { a: "reused", b: "reused" });
    await assertRight(project);
  },
);

/** Runs the program as root without root's right to pass by permissions. */
async function runWithoutRights(project: Project): Promise<CliResult> {
  const program = new URL("../../main.ts", import.meta.url).href;
  const deno = [Deno.execPath(), "run", "--quiet", "-A", program, "run", "workflow.yaml"];
  const child = new Deno.Command("setpriv", {
    args: [DROP_RIGHTS, ...deno],
    cwd: project.folder,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  return await resultOf(child);
}

for (
  const [folder, code] of [
    [".cairn", 2],
    [".cairn/tmp", 2],
    [".cairn/runs", 1],
    [".cairn/objects/sha256", 1],
    [".cairn/actions", 1],
    ["out", 1],
  ] satisfies [string, number][]
) {
  testThatNeeds(
    "to drop rights with setpriv",
    `a folder that may not be written to is named: ${folder}`,
    async () => {
      await using project = await Project.make({ "workflow.yaml": WORKFLOW });
      for (
        const path of [
          ".cairn/tmp",
          ".cairn/runs",
          ".cairn/objects/sha256",
          ".cairn/actions",
          "out",
        ]
      ) {
        await Deno.mkdir(project.path(path), { recursive: true });
      }
      await Deno.chmod(project.path(folder), 0o555);
      const refused = await runWithoutRights(project);
      assertNoStack(refused);
      assert.equal(refused.code, code, refused.out + refused.error);
      assert.match(refused.out + refused.error, new RegExp(`no access: "[^"]*/${folder}`));
      assert.match(refused.out + refused.error, /hint: Change the permissions/);
      await Deno.chmod(project.path(folder), 0o755);
      await assertRight(project);
    },
  );
}

const TELLS = `import { definePlugin, z } from "cairn/plugin";
export const plugin = definePlugin({
  name: "tells",
  kind: "other",
  description: "tells much, and then waits where asked to",
  version: 1,
  config: z.strictObject({ count: z.int(), wait: z.boolean() }),
  inputs: {},
  outputs: { out: { type: "text", description: "" } },
  async run({ config, outputs, metric, signal }) {
    for (let at = 0; at < config.count; at++) metric("loss", at, at);
    if (config.wait) await new Promise((resolve) => signal.onabort = resolve);
    await Deno.writeTextFile(outputs.out + "/x", "told");
  },
});
`;

function tellingWorkflow(count: number, wait: boolean): string {
  return `steps:\n  a:\n    uses: ./tells.ts\n    with: { count: ${count}, wait: ${wait} }\n`;
}

Deno.test("a run that cannot write its journal any more ends its steps and says why", async () => {
  await using project = await Project.make({
    "tells.ts": TELLS,
    "workflow.yaml": tellingWorkflow(1, false),
  });
  assert.equal((await project.run()).code, 0);
  await project.write("workflow.yaml", tellingWorkflow(10_000, true));
  const program = new URL("../../main.ts", import.meta.url).pathname;
  const script =
    `trap "" XFSZ; ulimit -f 1000; exec "$0" run --quiet -A "${program}" run workflow.yaml`;
  const ended = await resultOf(
    new Deno.Command("sh", {
      args: ["-c", script, Deno.execPath()],
      cwd: project.folder,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn(),
  );
  assertNoStack(ended);
  assert.equal(ended.code, 1, ended.out + ended.error);
  assert.match(ended.error, /error\[disk-failure\]: A file grew larger than this system allows/);
  await project.write("workflow.yaml", tellingWorkflow(2, false));
  assert.deepEqual((await project.run()).steps, { a: "ran" });
  assert.equal((await project.cairn("runs")).code, 0);
});

Deno.test("a clock that is set back brings no old result and no stack", async () => {
  await using project = await Project.make({ "in.txt": "one\n" });
  await project.write(
    "workflow.yaml",
    workflowOf(
      [commandStep("a", "cp in.txt ${{ outputs.out }}/x", { files: ["in.txt"] })],
      "publish:\n  out: a.out\n",
    ),
  );
  assert.deepEqual((await project.run()).steps, { a: "ran" });
  using _past = new ClockSetBack(24 * 3600 * 1000);
  assert.deepEqual((await project.run()).steps, { a: "reused" });
  const { atime, mtime } = await Deno.stat(project.path("in.txt"));
  await project.write("in.txt", "two\n");
  await Deno.utime(project.path("in.txt"), atime!, mtime!);
  assert.deepEqual((await project.run()).steps, { a: "ran" });
  assert.equal(await project.read("out/x"), "two\n");
  assert.deepEqual((await project.run()).steps, { a: "reused" });
  assert.equal(await project.read("out/x"), "two\n");
});

/** Makes this process believe that it is earlier, until it is disposed. */
class ClockSetBack implements Disposable {
  readonly #now = Date.now;

  constructor(byMs: number) {
    Date.now = () => this.#now() - byMs;
  }

  [Symbol.dispose](): void {
    Date.now = this.#now;
  }
}
