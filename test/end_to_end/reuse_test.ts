// The probes of reuse: when a step may be skipped, and when it must not. A strips blanks, B copies A; both
// count their runs in a file outside.
import assert from "node:assert/strict";
import { commandStep, Project, workflowOf } from "../support/rig.ts";

const FILE = { "data/in.txt": "a b c\n" };

interface ChainOptions {
  /** What A reads: a file, whose young age costs a second, or a text in its options. */
  readonly source?: "file" | "option";
  /** Filter that B applies. */
  readonly filter?: string;
}

class Chain implements AsyncDisposable {
  private constructor(readonly project: Project) {}

  /** Makes a project whose two steps have run once. */
  static async run(options: ChainOptions = {}): Promise<Chain> {
    const project = await Project.make(FILE);
    const chain = new Chain(project);
    await chain.write(options);
    const first = await project.run();
    assert.deepEqual([first.code, first.steps], [0, { a: "ran", b: "ran" }]);
    assert.equal(await project.read("out/b.txt"), "abc\n");
    return chain;
  }

  async write(options: ChainOptions): Promise<void> {
    await this.project.write("workflow.yaml", chainWorkflow(this.project, options));
  }

  /** How often A and B have run so far. */
  async counts(): Promise<readonly [number, number]> {
    const ran = [await this.project.lines("ran_a"), await this.project.lines("ran_b")] as const;
    return [ran[0].length, ran[1].length];
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.project[Symbol.asyncDispose]();
  }
}

function chainWorkflow(project: Project, options: ChainOptions): string {
  const { source = "option", filter = "cat" } = options;
  const note = (step: string): string => `echo run >> ${project.path(`ran_${step}`)}`;
  const [print, files] = source === "file"
    ? ["cat data/in.txt", ["data/in.txt"]]
    : ["echo a b c", []];
  const strip = `${print} | tr -d ' ' > \${{ outputs.out }}/a.txt`;
  const copy = `${filter} < \${{ inputs.in }}/a.txt > \${{ outputs.out }}/b.txt`;
  return workflowOf([
    commandStep("a", `${note("a")}\n${strip}`, { files }),
    commandStep("b", `${note("b")}\n${copy}`, { inputs: "in: a.out" }),
  ], "publish:\n  out: b.out\n");
}

/** Edits a file without changing its size or the time of its last change. */
async function editUnnoticed(path: string, text: string): Promise<void> {
  const { size, atime, mtime } = await Deno.stat(path);
  assert.equal(text.length, size);
  await Deno.writeTextFile(path, text);
  await Deno.utime(path, atime!, mtime!);
}

/** Path of the stored object that holds a text. */
function objectWith(project: Project, text: string): string {
  const root = ".cairn/objects/sha256";
  const name = project.files(root).find((name) =>
    Deno.readTextFileSync(project.path(`${root}/${name}`)) === text
  );
  assert.ok(name !== undefined, "the object is in the store");
  return project.path(`${root}/${name}`);
}

async function replaceObject(path: string, text: string): Promise<void> {
  await Deno.chmod(path, 0o644);
  await Deno.writeTextFile(path, text);
}

Deno.test("a second run reuses every step and runs nothing", async () => {
  await using chain = await Chain.run();
  const second = await chain.project.run();
  assert.deepEqual([second.code, second.steps], [0, { a: "reused", b: "reused" }]);
  assert.deepEqual(await chain.counts(), [1, 1]);
});

Deno.test("touching an input runs nothing", async () => {
  await using chain = await Chain.run({ source: "file" });
  await Deno.utime(chain.project.path("data/in.txt"), new Date(), new Date());
  assert.deepEqual((await chain.project.run()).steps, { a: "reused", b: "reused" });
});

Deno.test("an edit of the same size with its time set back runs the step", async () => {
  await using chain = await Chain.run({ source: "file" });
  await editUnnoticed(chain.project.path("data/in.txt"), "x y z\n");
  const second = await chain.project.run();
  assert.deepEqual(second.steps, { a: "ran", b: "ran" });
  assert.equal(second.reason("a"), 'the content of option "files.0" changed');
  assert.equal(await chain.project.read("out/b.txt"), "xyz\n");
});

Deno.test("an edit that is taken back reuses the older result", async () => {
  await using chain = await Chain.run({ source: "file" });
  await chain.project.write("data/in.txt", "other\n");
  assert.deepEqual((await chain.project.run()).steps, { a: "ran", b: "ran" });
  assert.equal(await chain.project.read("out/b.txt"), "other\n");
  await chain.project.write("data/in.txt", FILE["data/in.txt"]);
  assert.deepEqual((await chain.project.run()).steps, { a: "reused", b: "reused" });
  assert.equal(await chain.project.read("out/b.txt"), "abc\n");
});

Deno.test("a deleted published output is put back without running", async () => {
  await using chain = await Chain.run();
  await Deno.remove(chain.project.path("out"), { recursive: true });
  assert.deepEqual((await chain.project.run()).steps, { a: "reused", b: "reused" });
  assert.equal(await chain.project.read("out/b.txt"), "abc\n");
});

Deno.test("a published output that somebody altered is put right without running", async () => {
  await using chain = await Chain.run();
  await editUnnoticed(chain.project.path("out/b.txt"), "ABC\n");
  const second = await chain.project.run();
  assert.deepEqual(second.steps, { a: "reused", b: "reused" });
  assert.equal(await chain.project.read("out/b.txt"), "abc\n");
  assert.equal(second.of("published")[0]?.changed, 1);
});

for (
  const [damage, harm] of [
    ["replaced by other bytes of the same size", (path) => replaceObject(path, "ABC\n")],
    ["missing", (path) => Deno.remove(path)],
    ["truncated", (path) => replaceObject(path, "a")],
  ] satisfies [string, (path: string) => Promise<void>][]
) {
  Deno.test(`a result whose stored bytes are ${damage} is made anew`, async () => {
    await using chain = await Chain.run();
    await harm(objectWith(chain.project, "abc\n"));
    await Deno.remove(chain.project.path("out"), { recursive: true });
    const second = await chain.project.run();
    assert.equal(second.code, 0);
    // What A makes equals what was stored for B, so B is whole again.
    assert.deepEqual(second.steps, { a: "ran", b: "reused" });
    assert.equal(await chain.project.read("out/b.txt"), "abc\n");
    assert.deepEqual((await chain.project.run()).steps, { a: "reused", b: "reused" });
  });
}

Deno.test("an input edited while the step runs and straight back leaves nothing to reuse", async () => {
  await using project = await Project.make({ "in.txt": "good\n" });
  const file = project.path("in.txt");
  const edit = [
    `if [ -e ${project.path("quiet")} ]; then cp in.txt \${{ outputs.out }}/x; exit 0; fi`,
    `touch -r ${file} ${project.path("times")}`,
    `echo evil > ${file}`,
    `cp ${file} \${{ outputs.out }}/x`,
    `echo good > ${file}`,
    `touch -r ${project.path("times")} ${file}`,
  ].join("\n");
  await project.write(
    "workflow.yaml",
    workflowOf([commandStep("a", edit, { files: ["in.txt"] })], "publish:\n  out: a.out\n"),
  );
  const first = await project.run();
  assert.deepEqual(first.steps, { a: "ran" });
  assert.match(first.of("step-finished")[0]?.unreusable ?? "", /in\.txt" changed while/);
  await project.write("quiet", "from now on the step leaves its input alone");
  assert.deepEqual((await project.run()).steps, { a: "ran" });
  assert.equal(await project.read("out/x"), "good\n");
  assert.deepEqual((await project.run()).steps, { a: "reused" });
});

Deno.test("a step that runs again with the same result spares those after it", async () => {
  await using chain = await Chain.run({ source: "file" });
  await chain.project.write("data/in.txt", "ab c\n");
  const second = await chain.project.run();
  assert.deepEqual(second.steps, { a: "ran", b: "reused" });
});

Deno.test("another command runs its step only, and the reason names the option", async () => {
  await using chain = await Chain.run();
  await chain.write({ filter: "tr a-z A-Z" });
  const second = await chain.project.run();
  assert.deepEqual(second.steps, { a: "reused", b: "ran" });
  assert.match(second.reason("b") ?? "", /^option "run" changed from "/);
  assert.equal(await chain.project.read("out/b.txt"), "ABC\n");
});

Deno.test("two runs at once run each step once and both end right", async () => {
  await using project = await Project.make(FILE);
  await project.write("workflow.yaml", chainWorkflow(project, {}));
  const results = await Promise.all([
    project.spawnToEnd("run", "workflow.yaml"),
    project.spawnToEnd("run", "workflow.yaml"),
    project.spawnToEnd("run", "workflow.yaml"),
  ]);
  for (const { code, out, error } of results) assert.equal(code, 0, out + error);
  assert.deepEqual(await project.lines("ran_a"), ["run"]);
  assert.deepEqual(await project.lines("ran_b"), ["run"]);
  assert.equal(await project.read("out/b.txt"), "abc\n");
  assert.deepEqual(project.files(".cairn/tmp"), []);
});
