// Every probe of reuse with steps that are TypeScript plugins.
import { PROBES } from "./table.ts";

for (const { number, name, check } of PROBES) {
  Deno.test(`probe ${number}: ${name} (TypeScript plugin)`, () => check("TypeScript plugin"));
}
