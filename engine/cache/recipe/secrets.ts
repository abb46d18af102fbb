// Environment variables that are secret: in fingerprints only as a keyed hash, so that what is stored tells
// nobody what they were.
import { createHmac, randomBytes } from "node:crypto";

const SECRET_NAME = /TOKEN|PASSWORD|PASSWD|SECRET|CREDENTIAL|API_?KEY|PRIVATE/i;

const KEY_BYTES = 32;

const PASSWORD_IN_ADDRESS = /^[a-z][a-z\d+.-]*:\/\/[^/?#]*@/i;

/** Says whether a variable's name speaks of a secret, or its value is an address with a user in it. */
export function isSecret(name: string, value = ""): boolean {
  return SECRET_NAME.test(name) || PASSWORD_IN_ADDRESS.test(value);
}

/** Hash of a secret under the key of this store, which is made when it is first needed. */
export function secretDigest(storeFolder: string, value: string): string {
  return `hmac:${createHmac("sha256", storeKey(storeFolder)).update(value).digest("hex")}`;
}

/** Reads the key, or makes one: seen by other processes only once it is whole, and the first one made stays. */
function storeKey(storeFolder: string): string {
  const path = `${storeFolder}/secret.key`;
  const present = readKey(path);
  if (present !== undefined) return present;
  const staged = `${path}.${crypto.randomUUID()}`;
  try {
    Deno.writeTextFileSync(staged, randomBytes(KEY_BYTES).toString("hex"), { mode: 0o600 });
    removeTorn(path);
    Deno.linkSync(staged, path);
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error; // another process was faster
  } finally {
    Deno.removeSync(staged);
  }
  return storeKey(storeFolder);
}

/** The key; undefined where there is none, or one that a crash or a full disk cut short. */
function readKey(path: string): string | undefined {
  try {
    const key = Deno.readTextFileSync(path);
    return key.length === 2 * KEY_BYTES ? key : undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

function removeTorn(path: string): void {
  try {
    if (Deno.lstatSync(path).size !== 2 * KEY_BYTES) Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
