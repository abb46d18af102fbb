// Addresses of registered models, as MLflow spells them: `models:/NAME@ALIAS` and `models:/NAME/NUMBER`.

/** What an address looks like. */
export const addressPattern =
  /^models:\/([A-Za-z0-9_][A-Za-z0-9._-]*)(?:@([A-Za-z0-9_][A-Za-z0-9._-]*)|\/([1-9]\d{0,8}))$/;

/** A version of a name by its number, or by an alias. */
export type Address =
  | { readonly name: string; readonly alias: string }
  | { readonly name: string; readonly version: number };

/** Reads an address that has the right pattern. */
export function parseAddress(text: string): Address {
  const [, name, alias, version] = addressPattern.exec(text) ?? [];
  if (name === undefined) throw new Error(`"${text}" is no address of a model`);
  return alias === undefined ? { name, version: Number(version) } : { name, alias };
}
