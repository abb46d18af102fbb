// What is wrong with a plugin's declaration is said by its name, with the present and the wanted state.
import assert from "node:assert/strict";
import { findPlugin } from "../../../../engine/graph/plugins/describe.ts";
import { loadProblem } from "../../../../engine/graph/plugins/load_problem.ts";
import { z } from "../../../../engine/plugin.ts";
import { builtInPlugins } from "../../../../plugins/mod.ts";

const RIGHT = {
  name: "mine",
  kind: "other",
  description: "Does something",
  version: 1,
  config: z.strictObject({ count: z.int().default(1) }),
  inputs: { text: { type: "text", description: "", many: true, refuses: "test" } },
  outputs: { out: { type: "text", description: "", reveals: { option: "split" } } },
  permissions: { net: ["example.org"], ffi: true },
  run: (): void => {},
};

function problemOf(wrong: Readonly<Record<string, unknown>>): string | undefined {
  const found = findPlugin({ plugin: { ...RIGHT, ...wrong } });
  return "problem" in found ? `${found.problem}; ${found.hint ?? ""}` : undefined;
}

Deno.test("a right declaration has no problem, and so has none that comes with cairn", async () => {
  assert.equal(problemOf({}), undefined);
  assert.equal(
    problemOf({ inputs: "any", outputs: () => ({}), permissions: undefined }),
    undefined,
  );
  for (const { specifier } of builtInPlugins) {
    assert.ok(!("problem" in findPlugin(await import(specifier))), specifier);
  }
});

for (
  const [wrong, message] of [
    [{ kind: "count" }, /^must declare "kind": one of prepare, .*, other, not "count"/],
    [{ version: "1" }, /^must declare "version": a whole number, not "1"/],
    [{ name: "My Plugin" }, /^must declare "name": a text such as word-count, not "My Plugin"/],
    [{ config: {} }, /^must declare "config": a schema: z\.strictObject\(\{ … \}\), not a map/],
    [{ outputs: undefined }, /^must declare "outputs": .*, and has none/],
    [{ run: undefined }, /^has no run function; Add one: async run/],
    [{ outptus: {} }, /^declares "outptus", which no plugin has; Did you mean "outputs"\?/],
    [
      { permissions: { network: [] } },
      /^must declare "permissions": lists of names, and ffi: true/,
    ],
    [{ inputs: { a: { description: "" } } }, /^declares input "a": inputs\.a\.type must be a text/],
    [
      { outputs: { a: { type: "a", description: "", optinal: true } } },
      /^declares output "a": outputs\.a has no "optinal"; Did you mean "optional"\?/,
    ],
    [
      { config: z.strictObject({ a: z.string().transform(Number) }) },
      /^has an option whose schema transforms its value; Check options in config/,
    ],
  ] as const
) {
  Deno.test(`a declaration with a wrong "${Object.keys(wrong)[0]}" is refused: ${message.source.slice(1, 60)}`, () => {
    assert.match(problemOf(wrong) ?? "", message);
  });
}

Deno.test("several plugins without the name that decides are told apart", () => {
  const found = findPlugin({ one: RIGHT, two: RIGHT });
  assert.equal("problem" in found && found.problem, 'exports 2 plugins: "one", "two"');
});

Deno.test("why a module cannot be loaded is said in its first words, with the place in its own code", () => {
  const stderr = "error: Uncaught (in promise) TypeError: z.itn is not a function\n" +
    "    minimum: z.itn()\n               ^\n    at file:///p/my%20plugin.ts:9:16\n" +
    "    at file:///p/$deno$stdin.mts:1:8\n";
  assert.deepEqual(loadProblem(stderr), {
    problem: "cannot be loaded: TypeError: z.itn is not a function",
    at: { path: "/p/my plugin.ts", line: 9, column: 16 },
  });
  const denied = 'error: Uncaught NotCapable: Requires read access to "x", run again with ' +
    "the --allow-read flag\n    at Object.readTextFileSync (ext:deno_fs/30_fs.js:1:2)\n";
  assert.match(loadProblem(denied).problem, /when it is loaded: Requires read access to "x"$/);
});
