// `run --watch`: what makes a workflow run again, what does not, and how it ends.
import assert from "node:assert/strict";
import { commandStep, eventually, Project, workflowOf } from "../support/rig.ts";

/** A program that watches, and what it has printed so far. */
class Watching implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #ended: Promise<unknown>;
  text = "";

  constructor(project: Project, ...flags: readonly string[]) {
    this.#child = project.spawn("run", "workflow.yaml", "--watch", ...flags);
    this.#ended = Promise.all([this.#read(this.#child.stdout), this.#read(this.#child.stderr)]);
  }

  /** Waits until it has printed something once more than so often. */
  async says(words: string, times = 1): Promise<void> {
    await eventually(`"${words}" in:\n${this.text}`, () => {
      const found = this.text.split(words).length - 1;
      return Promise.resolve(found >= times ? true : undefined);
    });
  }

  async interrupted(): Promise<number> {
    this.#child.kill("SIGINT");
    const { code } = await this.#child.status;
    await this.#ended;
    return code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // it has ended already
    }
    await this.#ended;
  }

  async #read(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) this.text += text;
  }
}

const IDLE = "Ctrl-C ends";

/** Writes as editors do: a new file takes the place of the old one. */
async function replace(project: Project, name: string, text: string): Promise<void> {
  await project.write(`${name}~`, text);
  await Deno.rename(project.path(`${name}~`), project.path(name));
}

Deno.test("changed data, code and workflows run again, and nothing that cairn writes does", async () => {
  await using project = await Project.make({
    "data/a.txt": "1",
    "helper.ts": "export const word: string = 'one';\n",
    "plugin.ts": `import { definePlugin, path, z } from "cairn/plugin";
import { word } from "./helper.ts";
export const plugin = definePlugin({
  name: "mine", kind: "other", description: "", version: 1, inputs: {},
  config: z.strictObject({ data: path("folder") }),
  outputs: { out: { type: "text", description: "" } },
  async run({ config, outputs, log }) {
    log(word + " " + [...Deno.readDirSync(config.data)].length);
    await Deno.writeTextFile(outputs.out + "/x", word);
  },
});
`,
    "workflow.yaml":
      "steps:\n  a: { uses: ./plugin.ts, with: { data: data } }\npublish:\n  out: a.out\n",
  });
  await using watching = new Watching(project, "--force", "all");
  await watching.says(IDLE);
  await project.write("data/b.txt", "2");
  await watching.says("changed    data/b.txt");
  await watching.says("one 2");
  await watching.says(IDLE, 2);
  await replace(project, "helper.ts", "export const word: string = 'two';\n");
  await watching.says("changed    helper.ts");
  await watching.says("two 2");
  await watching.says(IDLE, 3);
  await project.write("notes.txt", "of no interest");
  const text = await project.read("workflow.yaml");
  await replace(project, "workflow.yaml", `${text}description: better\n`);
  await watching.says("done in", 4);
  await watching.says(IDLE, 4);
  assert.equal(await watching.interrupted(), 130);
  assert.equal(watching.text.split("changed    ").length - 1, 3, watching.text);
  assert.match(watching.text, /changed {4}workflow\.yaml\n.*\nreused {5}a /);
});

Deno.test("a change during a run cuts it short and begins the next one", async () => {
  await using project = await Project.make({ input: "1" });
  const script = `cp input \${{ outputs.out }}/x\n[ "$(cat input)" = 2 ] || sleep 100`;
  await project.write(
    "workflow.yaml",
    workflowOf([commandStep("a", script, { files: ["input"] })], "publish:\n  out: a.out\n"),
  );
  await using watching = new Watching(project);
  await watching.says("started    a");
  await project.write("input", "2");
  await watching.says("cancelled  a");
  await watching.says("changed    input");
  await watching.says(IDLE);
  assert.match(watching.text, /^ran {8}a /m);
  assert.equal(await project.read("out/x"), "2");
  assert.equal(await watching.interrupted(), 130);
});

Deno.test("mistakes are told once, until they are mended", async () => {
  const good = workflowOf([commandStep("a", "echo > ${{ outputs.out }}/x")]);
  await using project = await Project.make({ "workflow.yaml": good.replace("uses", "use") });
  await using watching = new Watching(project);
  await watching.says('Step "a" has no key "use"');
  await watching.says(IDLE);
  await project.write("plugins/new.ts", "// on the way");
  await project.write("workflow.yaml", good);
  await watching.says("mended");
  await watching.says(IDLE, 2);
  assert.match(watching.text, /^ran {8}a /m);
  assert.equal(watching.text.split("has no key").length - 1, 1);
  assert.equal(await watching.interrupted(), 130);
});

Deno.test("a change of an imported file, or of one that an expression hashes, runs again", async () => {
  await using project = await Project.make({
    "shared/common.yaml": "params: { word: one }\n",
    "lists/a.txt": "a",
    "workflow.yaml": "imports: [shared/common.yaml]\n" + workflowOf([
      commandStep(
        "a",
        "echo ${{ params.word }} ${{ hashFiles('lists/*.txt') }} > ${{ outputs.out }}/x",
      ),
    ]),
  });
  await using watching = new Watching(project);
  await watching.says(IDLE);
  await replace(project, "shared/common.yaml", "params: { word: two }\n");
  await watching.says("changed    shared/common.yaml");
  await watching.says(IDLE, 2);
  await project.write("lists/b.txt", "b");
  await watching.says("changed    lists/b.txt");
  await watching.says("ran        a", 3);
  await watching.says(IDLE, 3);
  assert.equal(await watching.interrupted(), 130);
});

Deno.test("Ctrl-C ends what runs, and the watching with it", async () => {
  await using project = await Project.make();
  await project.write("workflow.yaml", workflowOf([commandStep("a", "sleep 100")]));
  await using watching = new Watching(project, "--json");
  await watching.says("step-started");
  assert.equal(await watching.interrupted(), 130);
  assert.ok(watching.text.includes('"outcome":"cancelled"'));
  assert.ok(
    watching.text.split("\n").filter((line) => line !== "").every((line) => line[0] === "{"),
  );
});
