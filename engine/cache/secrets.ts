// Environment variables that are secret: in fingerprints only as a keyed hash, so that what is stored tells
// nobody what they were.
import { createHmac, randomBytes } from "node:crypto";

const SECRET_NAME = /TOKEN|PASSWORD|PASSWD|SECRET|CREDENTIAL|API_?KEY|PRIVATE/i;

/** Says whether a variable's name speaks of a secret. */
export function isSecret(name: string): boolean {
  return SECRET_NAME.test(name);
}

/** Hash of a secret under the key of this store, which is made when it is first needed. */
export function secretDigest(storeFolder: string, value: string): string {
  return `hmac:${createHmac("sha256", storeKey(storeFolder)).update(value).digest("hex")}`;
}

function storeKey(storeFolder: string): string {
  const path = `${storeFolder}/secret.key`;
  try {
    Deno.writeTextFileSync(path, randomBytes(32).toString("hex"), { createNew: true, mode: 0o600 });
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  }
  return Deno.readTextFileSync(path);
}
