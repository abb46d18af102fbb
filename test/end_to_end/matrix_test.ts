// Steps with a matrix, as the whole program treats them: names, reuse, lists, publication, the command line.
import assert from "node:assert/strict";
import { Project } from "../support/rig.ts";

/** A square for each number; `collect` is the step that takes them. */
function squares(values: string, collect = COLLECT): string {
  return `steps:
  square:
    uses: command
    matrix: { n: [${values}] }
    with:
      run: echo $((\${{ matrix.n }} * \${{ matrix.n }})) > outputs/out/value
      outputs: { out: number }
${collect}`;
}

const COLLECT = `  all:
    uses: command
    inputs: { squares: square.out }
    with:
      run: |
        for folder in \${{ inputs.squares }}/*/; do
          echo "$(basename "$folder") $(cat "$folder/value")"
        done > \${{ outputs.out }}/list
      outputs: { out: text }
publish: { "out/squares": square.out, out/all: all }
`;

const TABLE = `import { definePlugin, z } from "cairn/plugin";
export const plugin = definePlugin({
  name: "table",
  kind: "other",
  description: "lists numbers",
  version: 1,
  config: z.strictObject({}),
  inputs: {
    numbers: { type: "number", description: "", many: true },
    others: { type: "number", description: "", many: true, optional: true },
  },
  outputs: { out: { type: "text", description: "" } },
  async run({ inputs, outputs }) {
    const lines = inputs.numbers.map(({ name, matrix, path, type }) =>
      [name, JSON.stringify(matrix), Deno.readTextFileSync(path + "/value").trim(), type].join(" ")
    );
    lines.push(String(inputs.others.length));
    await Deno.writeTextFile(outputs.out + "/table", lines.join("\\n"));
  },
});
`;

function tableOf(numbers: string): string {
  return `  table:\n    uses: ./table.ts\n    inputs: { numbers: ${numbers} }\npublish: { out: table }\n`;
}

Deno.test("adding a value runs its step and what takes all of them, nothing else", async () => {
  await using project = await Project.make({ "workflow.yaml": squares("2, 3") });
  assert.deepEqual((await project.run()).steps, {
    "square[n=2]": "ran",
    "square[n=3]": "ran",
    "all": "ran",
  });
  await project.write("workflow.yaml", squares("10, 3, 2"));
  assert.deepEqual((await project.run()).steps, {
    "square[n=10]": "ran",
    "square[n=3]": "reused",
    "square[n=2]": "reused",
    "all": "ran",
  });
  assert.equal(await project.read("out/all/list"), "n=10 100\nn=2 4\nn=3 9\n");
  assert.deepEqual((await project.run()).of("step-started"), []);
});

Deno.test("each step of a matrix is published into a folder of its own", async () => {
  await using project = await Project.make({ "workflow.yaml": squares("2, 3") });
  await project.run();
  assert.equal(await project.read("out/squares/n=2/value"), "4\n");
  assert.equal(await project.read("out/squares/n=3/value"), "9\n");
});

Deno.test("a plugin is given a list in the order of the matrix, with names and values", async () => {
  await using project = await Project.make({
    "workflow.yaml": squares("10, 9, 0.5e1", tableOf("square")),
    "table.ts": TABLE,
  });
  const { code, error } = await project.run();
  assert.equal(code, 0, error);
  assert.deepEqual((await project.read("out/table")).split("\n"), [
    'square[n=10] {"n":10} 100 number',
    'square[n=9] {"n":9} 81 number',
    'square[n=5] {"n":5} 25 number',
    "0",
  ]);
});

Deno.test("a list can name several steps, and one alone is a list of one", async () => {
  const one = `  plain:
    uses: command
    with: { run: echo 7 > outputs/out/value, outputs: { out: number } }
`;
  await using project = await Project.make({
    "workflow.yaml": squares("2, 3", `${one}${tableOf('[plain.out, "square[n=3]"]')}`),
    "table.ts": TABLE,
  });
  await project.run();
  assert.equal(
    await project.read("out/table"),
    'plain {} 7 number\nsquare[n=3] {"n":3} 9 number\n0',
  );
  await project.write("workflow.yaml", squares("2, 3", `${one}${tableOf("plain")}`));
  await project.run();
  assert.equal(await project.read("out/table"), "plain {} 7 number\n0");
});

Deno.test("the order of a list belongs to the fingerprint, its being written does not", async () => {
  const workflow = (numbers: string): string => squares("2, 3", tableOf(numbers));
  await using project = await Project.make({
    "workflow.yaml": workflow("square"),
    "table.ts": TABLE,
  });
  await project.run();
  await project.write("workflow.yaml", workflow('["square[n=2]", "square[n=3].out"]'));
  assert.equal((await project.run()).steps["table"], "reused");
  await project.write("workflow.yaml", workflow('["square[n=3]", "square[n=2]"]'));
  const turned = await project.run();
  assert.equal(turned.steps["table"], "ran");
  assert.equal(turned.reason("table"), 'input "numbers" has other content');
});

Deno.test("another name of a key reuses the matrix's steps; what is told of the key runs anew", async () => {
  const workflow = squares("2, 3", tableOf("square"));
  await using project = await Project.make({ "workflow.yaml": workflow, "table.ts": TABLE });
  await project.run();
  await project.write(
    "workflow.yaml",
    workflow.replace("{ n:", "{ side:").replaceAll("matrix.n", "matrix.side"),
  );
  assert.deepEqual((await project.run()).steps, {
    "square[side=2]": "reused",
    "square[side=3]": "reused",
    "table": "ran",
  });
});

Deno.test("two matrices are paired by their values, written in any order", async () => {
  const pairs = `  root:
    uses: command
    matrix: { m: [3, 2], unit: [cm, m] }
    inputs: { square: "square[n=\${{ matrix.m }}]" }
    with:
      run: echo "$(cat inputs/square/value) \${{ matrix.unit }}2" > outputs/out/value
      outputs: { out: number }
    seed: "\${{ matrix.m }}"
    timeout: "\${{ matrix.m }}m"
    resources: { cpus: "\${{ matrix.m - 1 }}" }
publish: { out/a: "root[unit=m,m=3]", out/b: "root[m=2.0,unit=cm].out" }
`;
  await using project = await Project.make({ "workflow.yaml": squares("2, 3", pairs) });
  const { code, error } = await project.run();
  assert.equal(code, 0, error);
  assert.equal(await project.read("out/a/value"), "9 m2\n");
  assert.equal(await project.read("out/b/value"), "4 cm2\n");
});

Deno.test("the command line takes one step of a matrix or all of them", async () => {
  await using project = await Project.make({ "workflow.yaml": squares("2, 3") });
  assert.deepEqual((await project.run("--only", "square[n=3]")).steps, { "square[n=3]": "ran" });
  assert.deepEqual((await project.run("--only", "square")).steps, {
    "square[n=2]": "ran",
    "square[n=3]": "reused",
  });
  assert.deepEqual((await project.run("--force", "square")).steps, {
    "square[n=2]": "ran",
    "square[n=3]": "ran",
    "all": "ran",
  });
  const explained = await project.cairn("explain", "workflow.yaml", "square");
  const named = explained.out.split("\n").filter((line) => line.startsWith("square["));
  assert.equal(named.length, 2);
  assert.match(explained.out, /\n\nsquare\[n=3\] /);
  const { code, error } = await project.cairn("run", "workflow.yaml", "--only", "square[n=4]");
  assert.equal(code, 2);
  assert.match(error, /Unknown step "square\[n=4\]"\n {2}hint: Did you mean "square\[n=[23]\]"\?/);
});

Deno.test("a step of a matrix that fails says which one, and where its log is", async () => {
  const workflow = `steps:
  a:
    uses: command
    matrix: { path: [data/x, "y z"] }
    with: { run: "echo seen; test '\${{ matrix.path }}' = 'y z'", outputs: {} }
`;
  await using project = await Project.make({ "workflow.yaml": workflow });
  const { out } = await project.cairn("run", "workflow.yaml", "--keep-going");
  assert.match(out, /Step "a\[path=data%2Fx\]" \(plugin "command"\) failed/);
  const log = /log: (.+)/.exec(out)?.[1] ?? "";
  assert.match(log, /logs\/a\[path=data%2Fx\]\.log$/);
  assert.equal(await project.read(log), "seen\n");
});

Deno.test("brackets that leave keys out name what fits, also where a matrix takes from a matrix", async () => {
  const nested = (values: string): string =>
    `steps:
  square:
    uses: command
    matrix: { n: [2, 3], unit: [${values}] }
    with:
      run: echo $((\${{ matrix.n }} * \${{ matrix.n }})) \${{ matrix.unit }} > outputs/out/value
      outputs: { out: number }
  all:
    uses: command
    matrix: { n: [2, 3] }
    inputs: { squares: "square[n=\${{ matrix.n }}].out" }
    with:
      run: cat \${{ inputs.squares }}/*/value > \${{ outputs.out }}/value
      outputs: { out: text }
publish: { "out/\${{ matrix.n }}": all }
`;
  await using project = await Project.make({ "workflow.yaml": nested("cm, km") });
  await project.run();
  assert.equal(await project.read("out/2/value"), "4 cm\n4 km\n");
  assert.equal(await project.read("out/3/value"), "9 cm\n9 km\n");
  const { steps } = await project.run("--only", "square[unit=km]");
  assert.deepEqual(Object.keys(steps), ["square[n=2,unit=km]", "square[n=3,unit=km]"]);
  await project.write("workflow.yaml", nested("m, km"));
  assert.deepEqual((await project.run()).steps, {
    "square[n=2,unit=km]": "reused",
    "square[n=3,unit=km]": "reused",
    "square[n=2,unit=m]": "ran",
    "square[n=3,unit=m]": "ran",
    "all[n=2]": "ran",
    "all[n=3]": "ran",
  });
});
