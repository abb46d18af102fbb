// Probes of damage to stored bytes: it is noticed before anything is made of them, and mended by running.
import { Chain, type StepKind } from "./chain.ts";
import type { Probe } from "./probe.ts";

async function replaceObject(path: string, text: string): Promise<void> {
  await Deno.chmod(path, 0o644);
  await Deno.writeTextFile(path, text);
}

/** A's bytes are harmed and nothing is published any more: A runs again, and B is whole with what A makes. */
async function isMended(kind: StepKind, harm: (path: string) => Promise<void>): Promise<void> {
  await using chain = await Chain.run(kind);
  await harm(chain.objectWith("abc\n"));
  await Deno.remove(chain.project.path("out"), { recursive: true });
  await chain.ends("ran", "reused");
  await chain.shows("abc\n");
  await chain.ends("reused", "reused");
}

export const damageProbes: readonly Probe[] = [
  {
    number: 7,
    name: "stored bytes replaced → detected",
    check: (kind) => isMended(kind, (path) => replaceObject(path, "ABC\n")),
  },
  {
    number: 8,
    name: "stored blob missing → rebuilt",
    check: (kind) => isMended(kind, (path) => Deno.remove(path)),
  },
  {
    number: 9,
    name: "stored blob truncated → rebuilt",
    check: (kind) => isMended(kind, (path) => replaceObject(path, "a")),
  },
];
