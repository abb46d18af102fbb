// What others import is documented: Deno's own lint of documentation finds nothing in our files.
import assert from "node:assert/strict";

// The schema library, which the plugin contract hands on, is documented where it comes from.
const OF_ZOD = /\/zod\/[^/]+\//;

/** What the lint finds in our files, as message and place. */
async function problemsOf(entry: string): Promise<readonly string[]> {
  const { stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["doc", "--lint", entry],
    env: { NO_COLOR: "1" },
    stdout: "null",
  }).output();
  const found = new TextDecoder().decode(stderr).matchAll(/^error\[.+\]: (.+)\n *--> (.+)$/gm);
  return [...found].map(([, message, place]) => `${message} at ${place}`)
    .filter((problem) => !OF_ZOD.test(problem));
}

const ENTRIES = [
  "mod.ts",
  "engine/plugin.ts",
  "engine/testing.ts",
  "plugins/nn/mod.ts",
];

for (const entry of ENTRIES) {
  Deno.test(`everything that ${entry} exports is documented`, async () => {
    assert.deepEqual(await problemsOf(entry), []);
  });
}

Deno.test("`deno doc --lint mod.ts` has nothing to say", async () => {
  const { code } = await new Deno.Command(Deno.execPath(), {
    args: ["doc", "--lint", "mod.ts"],
    stdout: "null",
    stderr: "null",
  }).output();
  assert.equal(code, 0);
});

Deno.test("the lint of documentation finds what is not documented", async () => {
  const file = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    await Deno.writeTextFile(file, "export const bare: number = 1;\n");
    assert.equal((await problemsOf(file)).length, 1);
  } finally {
    await Deno.remove(file);
  }
});
