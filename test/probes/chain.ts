// The project that every probe works on: A strips the blanks of a text, B copies what A made, and B's output
// is published. Built of programs or of TypeScript plugins; what a probe does to it is the same for both.
import assert from "node:assert/strict";
import { commandStep, eventually, Project, workflowOf } from "../support/rig.ts";

/** What the steps of a project are. */
export type StepKind = "command steps" | "TypeScript plugin";

export const STEP_KINDS: readonly StepKind[] = ["command steps", "TypeScript plugin"];

/** Moments at which a probe can hold A: before it reads its text, and once its output is written. */
type Moment = "start" | "end";

const INPUT = "data/in.txt";
const TEXT = "a b c\n";
/** Where the steps note that they run and look whether to wait; a shared folder, so that plugins may too. */
const NOTES = ".cairn/notes";

/** What a chain is made of. */
export interface ChainOptions {
  /** What A reads: a file, whose young age costs a run a second, or a text in its options. */
  readonly source?: "file" | "option";
  /** What B does: copy, or make capitals. */
  readonly second?: "copies" | "raises";
}

/** A project of two steps. */
export class Chain implements AsyncDisposable {
  private constructor(readonly kind: StepKind, readonly project: Project) {}

  /** Makes a project whose steps have not run yet. */
  static async make(kind: StepKind, options: ChainOptions = {}): Promise<Chain> {
    const project = await Project.make({ [INPUT]: TEXT });
    await Deno.mkdir(project.path(NOTES), { recursive: true });
    const chain = new Chain(kind, project);
    await chain.write(options);
    return chain;
  }

  /** Makes a project whose steps have run once. */
  static async run(kind: StepKind, options: ChainOptions = {}): Promise<Chain> {
    const chain = await Chain.make(kind, options);
    const first = await chain.project.run();
    assert.deepEqual([first.code, first.steps], [0, { a: "ran", b: "ran" }], first.error);
    await chain.shows("abc\n");
    return chain;
  }

  /** Writes the workflow, and the plugins where it has some. */
  async write(options: ChainOptions): Promise<void> {
    const files = this.kind === "command steps"
      ? { "workflow.yaml": programs(this.project, options) }
      : plugins(options);
    for (const [name, text] of Object.entries(files)) await this.project.write(name, text);
  }

  /** Gives A's file another content. */
  edit(text: string): Promise<void> {
    return this.project.write(INPUT, text);
  }

  /** Edits A's file without changing its size or the time of its last change. */
  editUnnoticed(text: string): Promise<void> {
    return editUnnoticed(this.project.path(INPUT), text);
  }

  async touch(): Promise<void> {
    await Deno.utime(this.project.path(INPUT), new Date(), new Date());
  }

  /** Makes A wait at a moment until it is let go. */
  hold(moment: Moment): Promise<void> {
    return this.project.write(`${NOTES}/hold-${moment}`, "hold");
  }

  /** Waits until A is held. */
  async isHeld(moment: Moment): Promise<void> {
    await this.project.appears(`${NOTES}/at-${moment}`);
  }

  async letGo(moment: Moment): Promise<void> {
    await Deno.remove(this.project.path(`${NOTES}/at-${moment}`));
    await Deno.remove(this.project.path(`${NOTES}/hold-${moment}`));
  }

  /** Runs and checks how A and B ended. */
  async ends(a: "ran" | "reused", b: "ran" | "reused"): Promise<void> {
    const run = await this.project.run();
    assert.deepEqual([run.code, run.steps], [0, { a, b }], run.error);
  }

  /** Checks what is published. */
  async shows(text: string): Promise<void> {
    assert.equal(await this.project.read("out/b.txt"), text);
  }

  /** Checks how often A and B have run so far. */
  async hasRun(a: number, b: number): Promise<void> {
    const ran = [await this.project.lines(`${NOTES}/a`), await this.project.lines(`${NOTES}/b`)];
    assert.deepEqual(ran.map((lines) => lines.length), [a, b]);
  }

  /** Path of the stored object that holds a text. */
  objectWith(text: string): string {
    const root = ".cairn/objects/sha256";
    const name = this.project.files(root).find((name) =>
      Deno.readTextFileSync(this.project.path(`${root}/${name}`)) === text
    );
    assert.ok(name !== undefined, "the object is in the store");
    return this.project.path(`${root}/${name}`);
  }

  /** Waits until no step of this project is left, also of an engine that was killed. */
  async isQuiet(): Promise<void> {
    await eventually("the steps to end", async () => {
      const running = await this.project.lines(`${NOTES}/running`);
      const alive = running.filter((pid) => isThere(`/proc/${pid}`));
      return alive.length === 0 ? true : undefined;
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.project[Symbol.asyncDispose]();
  }
}

/** Edits a file without changing its size or the time of its last change. */
export async function editUnnoticed(path: string, text: string): Promise<void> {
  const { size, atime, mtime } = await Deno.stat(path);
  assert.equal(text.length, size);
  await Deno.writeTextFile(path, text);
  await Deno.utime(path, atime!, mtime!);
}

function isThere(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

/** The chain as two programs. A reads the original of its file, not its own copy: the harder case. */
function programs(
  project: Project,
  { source = "option", second = "copies" }: ChainOptions,
): string {
  const notes = project.path(NOTES);
  const hold = (moment: Moment): string =>
    `if [ -e ${notes}/hold-${moment} ]; then\n  echo $$ > ${notes}/at-${moment}\n` +
    `  while [ -e ${notes}/hold-${moment} ]; do sleep 0.01; done\nfi`;
  const isFile = source === "file";
  const a = [
    `echo run >> ${notes}/a`,
    `echo $$ >> ${notes}/running`,
    "printf half > ${{ outputs.out }}/a.txt",
    hold("start"),
    `${
      isFile ? `cat ${project.path(INPUT)}` : `echo '${TEXT.trim()}'`
    } | tr -d ' ' > \${{ outputs.out }}/a.txt`,
    hold("end"),
  ].join("\n");
  const b = `echo run >> ${notes}/b\n` +
    `${
      second === "copies" ? "cat" : "tr a-z A-Z"
    } < \${{ inputs.in }}/a.txt > \${{ outputs.out }}/b.txt`;
  return workflowOf([
    commandStep("a", a, { files: isFile ? [INPUT] : [] }),
    commandStep("b", b, { inputs: "in: a.out" }),
  ], "publish:\n  out: b.out\n");
}

/** The chain as two sandboxed plugins. */
function plugins(
  { source = "option", second = "copies" }: ChainOptions,
): Readonly<Record<string, string>> {
  const given = source === "file" ? `file: ${INPUT}` : `text: "${TEXT.trim()}\\n"`;
  return {
    "a.ts": pluginFile("a", {
      inputs: "{}",
      body: `
    Deno.writeTextFileSync(shared.notes + "/running", Deno.pid + "\\n", { append: true });
    Deno.writeTextFileSync(outputs.out + "/a.txt", "half");
    await hold("start");
    const text = config.file === undefined ? config.text : Deno.readTextFileSync(config.file);
    Deno.writeTextFileSync(outputs.out + "/a.txt", text.replaceAll(" ", ""));
    await hold("end");`,
    }),
    "b.ts": pluginFile("b", {
      inputs: '{ in: { type: "text", description: "" } }',
      body: `
    const text = Deno.readTextFileSync(inputs.in.path + "/a.txt");
    Deno.writeTextFileSync(outputs.out + "/b.txt", text${
        second === "copies" ? "" : ".toUpperCase()"
      });`,
    }),
    "workflow.yaml": workflowOf([
      `  a:\n    uses: ./a.ts\n    with: { ${given} }\n`,
      "  b:\n    uses: ./b.ts\n    inputs: { in: a.out }\n",
    ], "publish:\n  out: b.out\n"),
  };
}

function pluginFile(
  name: string,
  { inputs, body }: { readonly inputs: string; readonly body: string },
): string {
  return `import { definePlugin, path, z } from "cairn/plugin";
export const plugin = definePlugin({
  name: "probe-${name}",
  kind: "other",
  description: "a step of a probe",
  version: 1,
  config: z.strictObject({ file: path("file").optional(), text: z.string().default("") }),
  inputs: ${inputs},
  outputs: { out: { type: "text", description: "" } },
  permissions: { shared: ["notes"] },
  async run({ config, inputs, outputs, shared }) {
    Deno.writeTextFileSync(shared.notes + "/${name}", "run\\n", { append: true });
    const isThere = (path: string) => Deno.stat(path).then(() => true, () => false);
    const hold = async (moment: string) => {
      if (!await isThere(shared.notes + "/hold-" + moment)) return;
      Deno.writeTextFileSync(shared.notes + "/at-" + moment, "held");
      while (await isThere(shared.notes + "/hold-" + moment)) await new Promise((go) => setTimeout(go, 5));
    };${body}
  },
});
`;
}
