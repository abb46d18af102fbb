// Values as YAML and JSON have them.

/** JSON as it comes out of YAML once expressions are evaluated. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}
