// Plugins from elsewhere: nothing of them runs before somebody trusts what they ask for, and they stay what they
// were when somebody did.
import assert from "node:assert/strict";
import { NpmRegistry, PACKAGE } from "../support/npm_registry.ts";
import { HttpsServer, testOverHttps } from "../support/https_server.ts";
import { type CliResult, Project, resultOf } from "../support/rig.ts";

/** A plugin that writes a word, as it is published. */
function pluginModule(word: string, permissions: unknown = {}, more = ""): string {
  return `import * as z from "zod";
export const plugin = {
  name: "word", kind: "other", description: "Writes a word", version: 1, config: z.strictObject({}),
  inputs: {}, outputs: { out: { type: "text", description: "" } },
  permissions: ${JSON.stringify(permissions)}, ${more}
  async run({ outputs }) { await Deno.writeTextFile(outputs.out + "/word.txt", "${word}"); },
};
`;
}

function workflow(version: string, more = ""): string {
  return `steps:\n  a:\n    uses: npm:${PACKAGE}@${version}\npublish: { out: a.out }\n${more}`;
}

async function cairn(
  project: Project,
  machine: Readonly<Record<string, string>>,
  ...words: readonly string[]
): Promise<CliResult> {
  return await resultOf(project.spawnWith({ ...machine, NO_COLOR: "1" }, ...words));
}

const RUN = ["run", "workflow.yaml"] as const;

Deno.test("a plugin from elsewhere shows what it asks for and waits until somebody trusts it", async () => {
  await using project = await Project.make({ "workflow.yaml": workflow("1.0.0") });
  await using registry = await NpmRegistry.open();
  await registry.publish("1.0.0", pluginModule("one", { net: ["a.example"], ffi: true }));
  const machine = await registry.newMachine();
  for (const command of ["check", "run", "explain"]) {
    const { code, out, error } = await cairn(project, machine, command, "workflow.yaml");
    assert.equal(code, 2, command);
    assert.equal(out, "");
    assert.match(
      error,
      /^error\[plugin-untrusted\]: .* comes from elsewhere and is not trusted yet$/m,
    );
    assert.match(error, /^ {2}at workflow\.yaml:3:11$/m);
    assert.match(error, /^ {2}note: It asks to load native libraries, which nothing confines$/m);
    assert.match(error, /^ {2}note: It asks to connect to "a\.example"$/m);
  }
  const trusted = await cairn(project, machine, ...RUN, "--trust");
  assert.equal(trusted.code, 0, trusted.error);
  assert.match(
    trusted.error,
    /^trusted .*: it may load native libraries, .*; connect to "a\.example"$/m,
  );
  assert.equal(await project.read("out/word.txt"), "one");
  const again = await cairn(project, machine, ...RUN);
  assert.deepEqual([again.code, again.error], [0, ""]);
  assert.match(again.out, /: 1 reused$/m);

  await Deno.remove(project.path("cairn.lock"));
  assert.equal((await cairn(project, machine, ...RUN)).code, 2, "a graph is not remembered for it");
});

Deno.test("a range stays at the version that was trusted, on other machines as well", async () => {
  await using project = await Project.make({ "workflow.yaml": workflow("^1.0.0") });
  await using registry = await NpmRegistry.open();
  await registry.publish("1.0.0", pluginModule("one"));
  const first = await cairn(project, await registry.newMachine(), ...RUN, "--trust");
  assert.equal(first.code, 0, first.error);
  await registry.publish("1.1.0", pluginModule("newer"));
  await Deno.remove(project.path(".cairn"), { recursive: true });
  const other = await cairn(project, await registry.newMachine(), ...RUN);
  assert.equal(other.code, 0, other.error);
  assert.match(other.out, /: 1 ran$/m);
  assert.equal(await project.read("out/word.txt"), "one");
});

Deno.test("a version that has other code than it had is refused, and is another plugin once it is trusted", async () => {
  await using project = await Project.make({ "workflow.yaml": workflow("1.0.0") });
  await using registry = await NpmRegistry.open();
  await registry.publish("1.0.0", pluginModule("one"));
  const first = await cairn(project, await registry.newMachine(), ...RUN, "--trust");
  assert.equal(first.code, 0, first.error);
  await registry.publish("1.0.0", pluginModule("other"));
  const machine = await registry.newMachine();
  const refused = await cairn(project, machine, "check", "workflow.yaml");
  assert.equal(refused.code, 2);
  assert.match(
    refused.error,
    /^error\[plugin-unusable\]: .* is no longer the code that cairn\.lock has: @cairn-test\/word-count@1\.0\.0$/m,
  );
  assert.match(refused.error, /--trust takes it as it is now/);
  const taken = await cairn(project, machine, ...RUN, "--trust");
  assert.equal(taken.code, 0, taken.error);
  assert.match(taken.out, /: 1 ran$/m, "its old result is not that of this code");
  assert.equal(await project.read("out/word.txt"), "other");
});

Deno.test("another version is asked about only where it asks for more", async () => {
  await using project = await Project.make({ "workflow.yaml": workflow("1.0.0") });
  await using registry = await NpmRegistry.open();
  await registry.publish("1.0.0", pluginModule("one", { env: ["A"] }));
  await registry.publish("1.1.0", pluginModule("two", { env: ["A"] }));
  await registry.publish("2.0.0", pluginModule("three", { env: ["A", "SECRET"] }));
  const machine = await registry.newMachine();
  assert.equal((await cairn(project, machine, "check", "workflow.yaml", "--trust")).code, 0);
  await project.write("workflow.yaml", workflow("1.1.0"));
  const same = await cairn(project, machine, "check", "workflow.yaml");
  assert.equal(same.code, 0, same.error);
  await project.write("workflow.yaml", workflow("2.0.0"));
  const more = await cairn(project, machine, "check", "workflow.yaml");
  assert.equal(more.code, 2);
  assert.match(more.error, /asks for more than was trusted before$/m);
  assert.match(more.error, /^ {2}note: It asks to read the variables "SECRET"$/m);
});

Deno.test("a workflow can trust a plugin itself", async () => {
  const uses = `npm:${PACKAGE}@1.0.0`;
  await using project = await Project.make({
    "workflow.yaml": workflow("1.0.0", `trust: ["${uses}"]\n`),
  });
  await using registry = await NpmRegistry.open();
  await registry.publish("1.0.0", pluginModule("one"));
  const { code, error } = await cairn(project, await registry.newMachine(), ...RUN);
  assert.equal(code, 0, error);
  assert.match(error, /^trusted .*: it may touch nothing but its inputs and outputs$/m);
  const lock = JSON.parse(await project.read("cairn.lock"));
  assert.match(lock.plugins[uses].code.npm[`${PACKAGE}@1.0.0`].integrity, /^sha512-/);
});

for (
  const [what, module, message] of [
    [
      "reads a file when it is asked",
      `Deno.readTextFileSync("/etc/hosts");\n${pluginModule("one")}`,
      /does more than declare itself when it is loaded: Requires read access/,
    ],
    [
      "gives a program to start outside of the sandbox",
      pluginModule("one", {}, 'command: () => ({ argv: ["touch", "/tmp/x"], env: {} }),'),
      /It gives a program to start in its place, which only a plugin in a file may/,
    ],
    [
      "names an output by a way out of its folder",
      pluginModule("one").replace("{ out:", '{ "../../../../etc":'),
      /Its output "\.\.\/\.\.\/\.\.\/\.\.\/etc" cannot be named so/,
    ],
    [
      "chooses a file to read itself",
      pluginModule("one").replace(
        "z.strictObject({})",
        'z.strictObject({ key: z.string().meta({ cairnPath: "file" }).default("/etc/hosts") })',
      ),
      /chooses "\/etc\/hosts" for option "key", and only the workflow may name what it reads/,
    ],
    [
      "shares a folder that is the engine's",
      pluginModule("one", { shared: ["../.."] }),
      /must declare "permissions"/,
    ],
    [
      "answers for itself with permissions that are none",
      `const reply = { name: "x", inputs: {}, configSchema: {}, permissions: { env: "PATH" } };
      const line = "\\u001ecairn-describe " + JSON.stringify(reply) + "\\n";
      Deno.stdout.writeSync(new TextEncoder().encode(line));
      Deno.exit(0);`,
      /declares permissions that are none/,
    ],
  ] as const
) {
  Deno.test(`a plugin from elsewhere is refused that ${what}`, async () => {
    await using project = await Project.make({ "workflow.yaml": workflow("1.0.0") });
    await using registry = await NpmRegistry.open();
    await registry.publish("1.0.0", module);
    const machine = await registry.newMachine();
    const { code, error } = await cairn(project, machine, "check", "workflow.yaml", "--trust");
    assert.equal(code, 2);
    assert.match(error, message);
    assert.deepEqual(project.files(".").filter((name) => name === "cairn.lock"), []);
  });
}

const REMOTE = `import { definePlugin, z } from "cairn/plugin";
import { word } from "./word.ts";
export const plugin = definePlugin({
  name: "word", kind: "other", description: "", version: 1, config: z.strictObject({}), inputs: {},
  outputs: { out: { type: "text", description: "" } },
  async run({ outputs }) { await Deno.writeTextFile(outputs.out + "/word.txt", word); },
});
`;

testOverHttps(
  "a plugin of a web server runs, and every module of it stays what it was",
  async () => {
    await using server = await HttpsServer.open({
      "/plugin.ts": REMOTE,
      "/word.ts": 'export const word: string = "one";',
    });
    const uses = `${server.origin}/plugin.ts`;
    await using project = await Project.make({
      "workflow.yaml": `steps:\n  a:\n    uses: ${uses}\npublish: { out: a.out }\n`,
    });
    const machine = { DENO_CERT: server.authority };
    assert.equal((await cairn(project, machine, ...RUN)).code, 2);
    const trusted = await cairn(project, machine, ...RUN, "--trust");
    assert.equal(trusted.code, 0, trusted.error);
    assert.equal(await project.read("out/word.txt"), "one");
    server.files["/word.ts"] = 'export const word: string = "two";';
    const kept = await cairn(project, machine, ...RUN, "--force", "all");
    assert.equal(kept.code, 0, "what was fetched once is not fetched again\n" + kept.error);
    await Deno.remove(project.path(".cairn"), { recursive: true });
    await server.forget();
    const refused = await cairn(project, machine, ...RUN);
    assert.equal(refused.code, 2);
    assert.ok(refused.error.includes(`cairn.lock has: ${server.origin}/word.ts\n`), refused.error);
  },
);

testOverHttps("a plugin from elsewhere fetches no more code when it is asked", async () => {
  await using server = await HttpsServer.open({
    "/plugin.ts": `await import("./mo" + "re.ts");\n${REMOTE}`,
    "/word.ts": 'export const word: string = "one";',
    "/more.ts": "",
  });
  await using project = await Project.make({
    "workflow.yaml": `steps:\n  a:\n    uses: ${server.origin}/plugin.ts\n`,
  });
  const machine = { DENO_CERT: server.authority };
  const { code, error } = await cairn(project, machine, "check", "workflow.yaml", "--trust");
  assert.equal(code, 2);
  assert.match(error, /cannot be loaded: TypeError: Specifier not found in cache/);
});

testOverHttps("a plugin from elsewhere asks its server for nothing while it runs", async () => {
  const asked = REMOTE.replace("await Deno", 'await import("./word.ts?" + word); await Deno');
  await using server = await HttpsServer.open({
    "/plugin.ts": asked,
    "/word.ts": 'export const word: string = "one";',
  });
  await using project = await Project.make({
    "workflow.yaml": `steps:\n  a:\n    uses: ${server.origin}/plugin.ts\n`,
  });
  const machine = { DENO_CERT: server.authority };
  const { code, out } = await cairn(project, machine, ...RUN, "--trust");
  assert.equal(code, 1);
  assert.match(out, /failed: TypeError: Specifier not found in cache: ".*\/word\.ts\?one"/);
});

Deno.test("a lock file that cannot be understood is said", async () => {
  await using project = await Project.make({
    "workflow.yaml": "steps:\n  a:\n    uses: command\n    with: { run: echo }\n",
    "cairn.lock": "<<<<<<<",
  });
  const { code, error } = await project.cairn("check", "workflow.yaml");
  assert.equal(code, 2);
  assert.match(error, /^error\[lock-unreadable\]: Cannot understand the lock file "cairn\.lock"/);
});
