// Probes of what counts as a change: contents do, times do not.
import { Chain, editUnnoticed } from "./chain.ts";
import type { Probe } from "./probe.ts";

export const unchangedProbes: readonly Probe[] = [
  {
    number: 1,
    name: "no-op skips",
    check: async (kind) => {
      await using chain = await Chain.run(kind);
      await chain.ends("reused", "reused");
      await chain.hasRun(1, 1);
    },
  },
  {
    number: 2,
    name: "touch only → skip",
    check: async (kind) => {
      await using chain = await Chain.run(kind, { source: "file" });
      await chain.touch();
      await chain.ends("reused", "reused");
    },
  },
  {
    number: 3,
    name: "same-size edit, time of change restored",
    check: async (kind) => {
      await using chain = await Chain.run(kind, { source: "file" });
      await chain.editUnnoticed("x y z\n");
      await chain.ends("ran", "ran");
      await chain.shows("xyz\n");
    },
  },
  {
    number: 4,
    name: "edit then revert → reused",
    check: async (kind) => {
      await using chain = await Chain.run(kind, { source: "file" });
      await chain.edit("other\n");
      await chain.ends("ran", "ran");
      await chain.shows("other\n");
      await chain.edit("a b c\n");
      await chain.ends("reused", "reused");
      await chain.shows("abc\n");
    },
  },
  {
    number: 5,
    name: "outputs deleted → restored without running",
    check: async (kind) => {
      await using chain = await Chain.run(kind);
      await Deno.remove(chain.project.path("out"), { recursive: true });
      await chain.ends("reused", "reused");
      await chain.shows("abc\n");
    },
  },
  {
    number: 6,
    name: "output tampered in workspace → healed",
    check: async (kind) => {
      await using chain = await Chain.run(kind);
      await editUnnoticed(chain.project.path("out/b.txt"), "ABC\n");
      await chain.ends("reused", "reused");
      await chain.shows("abc\n");
    },
  },
];

/** Probes of which steps a change reaches. */
export const reachProbes: readonly Probe[] = [
  {
    number: 13,
    name: "early cut-off: A reruns, same bytes",
    check: async (kind) => {
      await using chain = await Chain.run(kind, { source: "file" });
      await chain.edit("ab c\n");
      await chain.ends("ran", "reused");
      await chain.hasRun(2, 1);
    },
  },
  {
    number: 14,
    name: "B's command or plugin changed → only B reruns",
    check: async (kind) => {
      await using chain = await Chain.run(kind);
      await chain.write({ second: "raises" });
      await chain.ends("reused", "ran");
      await chain.shows("ABC\n");
    },
  },
];
