// What a plugin may touch is said in full, and in nothing but plain characters.
import assert from "node:assert/strict";
import {
  arePermissions,
  beyond,
  isNothing,
  permissionWords,
} from "../../../../engine/graph/plugins/permission_words.ts";

Deno.test("every name is shown, however many, and none can speak to the terminal", () => {
  const env = Array.from({ length: 30 }, (_, index) => `V${index}`);
  const [words = ""] = permissionWords({ env });
  for (const name of env) assert.ok(words.includes(`"${name}"`));
  assert.deepEqual(permissionWords({ net: ["a\u001b[2K\nb"] }), [
    'connect to "a\\u001b[2K\\nb"',
  ]);
});

Deno.test("what is beyond other permissions is just what they lack", () => {
  const asked = { ffi: true, env: ["A", "B"], net: ["x"] };
  assert.deepEqual(beyond(asked, { env: ["B"], net: ["x", "y"] }), { ffi: true, env: ["A"] });
  assert.ok(isNothing(beyond(asked, asked)));
  assert.ok(!isNothing(beyond(asked, {})));
});

Deno.test("only lists of names and the one switch are permissions", () => {
  assert.ok(arePermissions({ ffi: false, sys: ["cpus"], probeEnv: [] }));
  for (const wrong of [{ net: "x" }, { env: [1] }, { ffi: 1 }, { network: ["x"] }, "all", null]) {
    assert.ok(!arePermissions(wrong), JSON.stringify(wrong));
  }
});

Deno.test("nothing but folders of their own are shared by plugins", () => {
  assert.ok(arePermissions({ shared: ["registry", "my-cache"] }));
  for (const name of ["objects", "actions", "..", "a/b", "/etc", "secret.key", ""]) {
    const wrong = { shared: [name] };
    assert.ok(!arePermissions(wrong), JSON.stringify(wrong));
  }
});
