// Names of metrics and parameters as MLflow takes them.
import { createHash } from "node:crypto";

const LONGEST = 250;
const TOLD_APART_BY = 6;

/**
 * Gives a name of letters, digits and `_-. :/` that is a path without detours, as MLflow wants it. A name that must
 * change for that ends with a piece of its digest, so that no two become one.
 */
export function mlflowName(name: string): string {
  const safe = name.normalize("NFC").replaceAll(/[^A-Za-z0-9_\-. :/]/g, "_")
    .replaceAll(/\/(?=\/|$)|^\/|(?<=^|\/)\.+(?=\/|$)/g, "_");
  if (safe === name && name.length <= LONGEST && name !== "") return name;
  const digest = createHash("sha256").update(name).digest("hex").slice(0, TOLD_APART_BY);
  return `${safe.slice(0, LONGEST - TOLD_APART_BY - 1)}_${digest}`;
}
