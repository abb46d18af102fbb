// Every probe of reuse with steps that are programs.
import { PROBES } from "./table.ts";

for (const { number, name, check } of PROBES) {
  Deno.test(`probe ${number}: ${name} (command steps)`, () => check("command steps"));
}
