// Secrets: given to the steps that name them, and found nowhere else.
import assert from "node:assert/strict";
import { runPlugin, writePlugin } from "../support/own_plugin.ts";
import { Project, resultOf } from "../support/rig.ts";

const TOKEN = 'hunter2/"+x y';

/** A program that is given a secret as a variable. */
const withToken = (script: string): string =>
  `secrets: [TOKEN]
steps:
  a:
    uses: command
    with:
      run: |
${script.split("\n").map((line) => `        ${line}`).join("\n")}
      env: { TOKEN: "\${{ secrets.TOKEN }}", AUTH: "Bearer \${{ secrets.TOKEN }}!" }
      outputs: { out: text }
publish:
  out: a.out
`;

const NOTE_LENGTHS = 'printf "%s %s" ${#TOKEN} ${#AUTH} > ${{ outputs.out }}/lengths';

/** Files below a folder that hold a text, whatever else they are. */
async function filesWith(project: Project, text: string): Promise<readonly string[]> {
  const wanted = new TextEncoder().encode(text);
  const found: string[] = [];
  for (const name of project.files(".cairn")) {
    const bytes = await Deno.readFile(project.path(`.cairn/${name}`));
    const decoded = new TextDecoder("latin1").decode(bytes);
    if (decoded.includes(new TextDecoder("latin1").decode(wanted))) found.push(name);
  }
  return found;
}

Deno.test("a program is given its secret, and whatever it prints of it is masked", async () => {
  await using project = await Project.make();
  const script = [
    NOTE_LENGTHS,
    'echo "plain $TOKEN and $TOKEN" >&2',
    'printf "%s" "split ${TOKEN%2*}"',
    "sleep 0.1",
    'printf "%s\\n" "2${TOKEN#*2}"',
    'printf "encoded %s\\n" "$(printf "%s" "$TOKEN" | base64)"',
    `printf "json %s\\n" "$(printf "%s" "$TOKEN" | sed 's/"/\\\\"/')"`,
    "exit $(cat failing)",
  ].join("\n");
  await project.write("failing", "3");
  const workflow = withToken(script).replace(
    "outputs: { out",
    "files: [failing]\n      outputs: { out",
  );
  await project.write("workflow.yaml", workflow);
  for (const words of [["run", "workflow.yaml"], ["run", "workflow.yaml", "--json"]]) {
    const { code, out, error } = await resultOf(project.spawnWith({ TOKEN }, ...words));
    assert.deepEqual([code, error], [1, ""]);
    assert.ok(out.includes("plain *** and ***"), out);
    assert.ok(out.includes("split ***"), out);
    assert.match(out, /encoded \*\*\*=?/);
    assert.ok(out.includes("json ***"), out);
    assert.doesNotMatch(out, /hunter2/);
  }
  await project.write("failing", "0");
  const { code, out } = await resultOf(project.spawnWith({ TOKEN }, "run", "workflow.yaml"));
  assert.equal(code, 0, out);
  assert.equal(await project.read("out/lengths"), "13 21");
  for (const text of ["hunter2", btoa(TOKEN).replaceAll("=", "")]) {
    assert.deepEqual(await filesWith(project, text), []);
  }
});

Deno.test("each line of a secret is masked, and a plugin's own errors are", async () => {
  await using project = await Project.make();
  project.environment.set("KEY", "-----BEGIN-----\nfirst line\nsecond line\n");
  const body = `log(config.key.split("\\n")[1]); console.log(config.key);
    metric(config.key.slice(0, 15), 1);
    throw new Error("cannot use " + config.key);`;
  const parts = {
    config: "key: z.string()",
    step: '    with: { key: "${{ secrets.KEY }}" }\n',
    tools: "log, metric",
    after: "secrets: [KEY]\n",
  };
  const run = await runPlugin(project, body, parts);
  const { message, stack, lastLines } = run.failure;
  assert.equal(message, "Error: cannot use ***");
  assert.match(stack ?? "", /cannot use \*\*\*/);
  assert.ok(lastLines.includes("***"));
  assert.doesNotMatch(JSON.stringify(run.events), /first line|second line|BEGIN/);
  for (const text of ["first line", "second line"]) {
    assert.deepEqual(await filesWith(project, text), []);
  }
});

Deno.test("another value makes another result, and nothing tells which", async () => {
  await using project = await Project.make({ "workflow.yaml": withToken(NOTE_LENGTHS) });
  project.environment.set("TOKEN", "correct horse");
  assert.deepEqual((await project.run()).steps, { a: "ran" });
  assert.deepEqual((await project.run()).steps, { a: "reused" });
  project.environment.set("TOKEN", "battery staple");
  const { out } = await project.cairn("explain", "workflow.yaml", "a");
  assert.match(out, /^a will run, because the secret "TOKEN" changed$/m);
  assert.match(out, /^ {2}secret TOKEN +"hmac:/m);
  const run = await project.run();
  assert.equal(run.reason("a"), 'the secret "TOKEN" changed');
  project.environment.set("TOKEN", "correct horse");
  assert.deepEqual((await project.run()).steps, { a: "reused" });
  assert.deepEqual(await filesWith(project, "battery"), []);
});

Deno.test("a secret that is missing or too short is told before anything runs", async () => {
  await using project = await Project.make({ "workflow.yaml": withToken(NOTE_LENGTHS) });
  for (
    const [value, words] of [["", /needs the secret "TOKEN"/], ["abc", /is too short/]] as const
  ) {
    project.environment.set("TOKEN", value);
    for (const command of [["run"], ["run", "--dry-run"], ["explain"]]) {
      const { code, error } = await project.cairn(...command, "workflow.yaml");
      assert.equal(code, 2);
      assert.match(error, words);
      assert.match(error, /at workflow\.yaml:3:3/);
    }
  }
  assert.deepEqual(project.files(".cairn/runs"), []);
  assert.equal((await project.cairn("check", "workflow.yaml")).code, 0);
  const text = await project.read("workflow.yaml");
  await project.write("workflow.yaml", text.replace("uses:", "if: false\n    uses:"));
  assert.deepEqual((await project.run()).steps, { a: "skipped" });
});

Deno.test("a variable that a plugin declares is a secret where the workflow says so", async () => {
  await using project = await Project.make();
  project.environment.set("LABEL", "not to be seen");
  const run = await runPlugin(project, 'log("it is " + Deno.env.get("LABEL"));', {
    permissions: '{ env: ["LABEL"] }',
    tools: "log",
    after: "secrets: [LABEL]\n",
  });
  assert.deepEqual(run.of("step-log").map(({ text }) => text), ["it is ***"]);
  assert.deepEqual(await filesWith(project, "not to be seen"), []);
});

Deno.test("what looks like a secret and is read by an expression is warned of", async () => {
  await using project = await Project.make();
  project.environment.set("API_TOKEN", "open sesame");
  const parts = { config: "key: z.string()", after: "" };
  const plain = "    with: { key: \"${{ env('API_TOKEN') }}\" }\n";
  await writePlugin(project, "", { ...parts, step: plain });
  const { code, error } = await project.run();
  assert.equal(code, 0);
  assert.match(
    error,
    /^warning\[secret-in-plain-text\]: The variable "API_TOKEN" looks like a secret/,
  );
  assert.doesNotMatch(error, /sesame/);
  const hidden = '    with: { key: "${{ secrets.API_TOKEN }}" }\n';
  await writePlugin(project, "", { ...parts, step: hidden, after: "secrets: [API_TOKEN]\n" });
  const explained = await project.cairn("explain", "workflow.yaml", "mine");
  assert.match(explained.out, /"\*\*\*" → /);
  const run = await project.run();
  assert.deepEqual([run.code, run.error], [0, ""]);
  assert.doesNotMatch(explained.out + JSON.stringify(run.events), /sesame/);
});
