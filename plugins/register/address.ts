// Addresses of models as MLflow spells them: `models:/NAME@ALIAS`, `models:/NAME/NUMBER`, and on a server also
// `models:/m-ID` and `runs:/RUN/PATH`.

const name = "[A-Za-z0-9_][A-Za-z0-9._-]*";
const versionPattern = new RegExp(`^models:/(${name})(?:@(${name})|/([1-9]\\d{0,8}))$`);
const loggedPattern = /^models:\/(m-[0-9a-f]{8,64})$/;
const runPattern = /^runs:\/([0-9a-f]{8,64})\/([^?#%]+)$/;

/** A version of a name by its number, or by an alias. */
export type VersionAddress =
  | { readonly name: string; readonly alias: string }
  | { readonly name: string; readonly version: number };

/** Whatever an address can mean; only a server knows logged models and runs. */
export type Address =
  | VersionAddress
  | { readonly modelId: string }
  | { readonly runId: string; readonly path: string };

/** Reads an address; undefined where it has no such form. */
export function parseAddress(text: string): Address | undefined {
  const [, name, alias, version] = versionPattern.exec(text) ?? [];
  if (name !== undefined) {
    return alias === undefined ? { name, version: Number(version) } : { name, alias };
  }
  const modelId = loggedPattern.exec(text)?.[1];
  if (modelId !== undefined) return { modelId };
  const [, runId, path] = runPattern.exec(text) ?? [];
  const isPath = path?.split("/").every((part) => part !== "" && part !== "." && part !== "..");
  return runId !== undefined && path !== undefined && isPath ? { runId, path } : undefined;
}

/** Says whether the local registry can have what an address means. */
export function isVersion(address: Address): address is VersionAddress {
  return "name" in address;
}
