// `cairn doctor`: what this machine can do, and what is missing.
import { inspectMachine } from "../../schedule/devices.ts";
import { type CliContext, type Command, EXIT, type Probe } from "../command.ts";
import { byteSize, table } from "../report/words.ts";

export const doctorCommand: Command = {
  name: "doctor",
  summary: "says what this machine can do: processors, memory, GPUs, libraries",
  positionals: [],
  flags: {},
  perform: doctor,
};

async function doctor(context: CliContext): Promise<number> {
  const { cpus, memoryBytes, gpus } = await inspectMachine({ gpus: true });
  const gpuText = gpus.map((gpu) => `${gpu.id}: ${gpu.name}, ${byteSize(gpu.memoryBytes)}`).join(
    "; ",
  );
  const findings = await Promise.all((await context.probes()).map(look));
  const rows = [
    ["ok", "deno", `${Deno.version.deno} on ${Deno.build.os} ${Deno.build.arch}`],
    ["ok", "processors", String(cpus)],
    ["ok", "memory", byteSize(memoryBytes)],
    [
      "ok",
      "gpus",
      gpuText === "" ? "none found by nvidia-smi; steps run on the processors" : gpuText,
    ],
    ...findings,
  ];
  context.terminal.write(table(rows));
  return findings.some(([state]) => state === "fails") ? EXIT.failed : EXIT.done;
}

async function look(probe: Probe): Promise<readonly string[]> {
  try {
    return ["ok", probe.name, await probe.look()];
  } catch (error) {
    return ["fails", probe.name, wordsOf(error)];
  }
}

/** What went wrong and, where it is known, what to do about it. */
function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { hint } = error as { readonly hint?: unknown };
  return typeof hint === "string" ? `${error.message}. ${hint}` : error.message;
}
