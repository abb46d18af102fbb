// `deno task probes`: makes every probe and prints what each came to; ends with 1 where one is not well.
import { measure, PROBES, tableOf } from "./table.ts";

const encoder = new TextEncoder();
const print = (text: string): number => Deno.stdout.writeSync(encoder.encode(text));

const outcomes = await measure(PROBES);
print(tableOf(PROBES, outcomes));
const failed = outcomes.filter(({ failure }) => failure !== undefined);
for (const { probe, kind, failure } of failed) {
  print(`\nprobe ${probe.number}, ${kind}: ${Deno.inspect(failure)}\n`);
}
Deno.exit(failed.length === 0 ? 0 : 1);
