// Secrets decide reuse without being written down.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { isSecret, secretDigest } from "../../../../engine/cache/recipe/secrets.ts";

Deno.test("names that speak of secrets are known, others are not", () => {
  for (const name of ["MLFLOW_TRACKING_TOKEN", "DB_PASSWORD", "AWS_SECRET_ACCESS_KEY", "api_key"]) {
    assert.ok(isSecret(name), name);
  }
  for (const name of ["MLFLOW_TRACKING_URI", "HOME", "KEYBOARD"]) assert.ok(!isSecret(name), name);
});

Deno.test("an address is a secret as soon as it holds a user or password", () => {
  const isSecretUri = (value: string): boolean => isSecret("MLFLOW_TRACKING_URI", value);
  for (const host of ["host", "host:5000/prefix", "host/a@b", "host?mail=a@b"]) {
    assert.ok(!isSecretUri(`http://${host}`), host);
  }
  assert.ok(isSecretUri("http://zoe:hunter2@host:5000"));
  assert.ok(isSecretUri("https://token@host"));
});

Deno.test("a secret's digest is stable in one store, differs with the value and from store to store", async () => {
  const [one, other] = await Promise.all([Deno.makeTempDir(), Deno.makeTempDir()]);
  try {
    const digest = secretDigest(one, "hunter2");
    assert.equal(secretDigest(one, "hunter2"), digest);
    assert.notEqual(secretDigest(one, "hunter3"), digest);
    assert.notEqual(secretDigest(other, "hunter2"), digest);
    assert.doesNotMatch(digest, /hunter/);
    assert.equal((await Deno.stat(`${one}/secret.key`)).mode! & 0o777, 0o600);
  } finally {
    await Promise.all([one, other].map((folder) => Deno.remove(folder, { recursive: true })));
  }
});

Deno.test("a key that a crash left empty is made anew: nobody can guess an empty one", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/secret.key`, "");
    const guessed = createHmac("sha256", "").update("hush").digest("hex");
    assert.notEqual(secretDigest(folder, "hush"), `hmac:${guessed}`);
    assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name), ["secret.key"]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
