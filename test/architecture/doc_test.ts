// What others import is documented: Deno's own lint of documentation finds nothing in our files.
import assert from "node:assert/strict";

// Types of the schema library stand in our signatures; they are documented where they come from.
const OF_ZOD = /references private type '(?:output|ZodString|ZodType)'/;

/** What the lint finds, as message and place. */
async function problemsOf(entry: string): Promise<readonly string[]> {
  const { stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["doc", "--lint", entry],
    env: { NO_COLOR: "1" },
    stdout: "null",
  }).output();
  const found = new TextDecoder().decode(stderr).matchAll(/^error\[.+\]: (.+)\n *--> (.+)$/gm);
  return [...found].map(([, message, place]) => `${message} at ${place}`)
    .filter((problem) => !OF_ZOD.test(problem) && !/\/zod\/[^/]+\//.test(problem));
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

Deno.test("the lint of documentation finds what is not documented", async () => {
  const file = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    await Deno.writeTextFile(file, "export const bare: number = 1;\n");
    assert.equal((await problemsOf(file)).length, 1);
  } finally {
    await Deno.remove(file);
  }
});
