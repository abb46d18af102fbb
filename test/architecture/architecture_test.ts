// The tree is the architecture: layers hold, nothing imports in a circle.
import assert from "node:assert/strict";
import { layerProblem } from "./layers.ts";
import { relativeToRoot } from "./root.ts";

interface Module {
  readonly specifier: string;
  readonly dependencies?: readonly {
    readonly code?: { readonly specifier?: string };
    readonly type?: { readonly specifier?: string };
  }[];
}

async function importsOf(entry: string): Promise<ReadonlyMap<string, readonly string[]>> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", entry],
    stderr: "null",
  }).output();
  const { modules } = JSON.parse(new TextDecoder().decode(stdout)) as {
    modules: readonly Module[];
  };
  const local = (specifier: string | undefined): string | undefined =>
    specifier?.startsWith("file://")
      ? relativeToRoot(decodeURIComponent(new URL(specifier).pathname))
      : undefined;
  return new Map(modules.flatMap(({ specifier, dependencies }) => {
    const from = local(specifier);
    if (from === undefined) return [];
    const targets = (dependencies ?? []).flatMap(({ code, type }) => [code, type])
      .map((edge) => local(edge?.specifier)).filter((path) => path !== undefined);
    return [[from, targets] as const];
  }));
}

/** Imports of the command line, of the library and of the test kit together. */
async function importsOfProgram(): Promise<ReadonlyMap<string, readonly string[]>> {
  const entries = ["main.ts", "mod.ts", "engine/testing.ts"];
  return new Map((await Promise.all(entries.map(importsOf))).flatMap((imports) => [...imports]));
}

function findCycle(imports: ReadonlyMap<string, readonly string[]>): readonly string[] | undefined {
  const finished = new Set<string>();
  const visit = (path: string, above: readonly string[]): readonly string[] | undefined => {
    if (above.includes(path)) return [...above.slice(above.indexOf(path)), path];
    if (finished.has(path)) return undefined;
    for (const target of imports.get(path) ?? []) {
      const cycle = visit(target, [...above, path]);
      if (cycle !== undefined) return cycle;
    }
    finished.add(path);
    return undefined;
  };
  for (const path of imports.keys()) {
    const cycle = visit(path, []);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}

Deno.test("no file imports in a circle, types included", async () => {
  const imports = await importsOfProgram();
  assert.ok(imports.size > 50, "the module graph was read");
  assert.equal(findCycle(imports)?.join(" → "), undefined);
});

Deno.test("every import of the program respects the layers", async () => {
  const problems = [...await importsOfProgram()].flatMap(([from, targets]) =>
    targets.map((to) => layerProblem(from, to)).filter((problem) => problem !== undefined)
  );
  assert.deepEqual(problems, []);
});

Deno.test("the layer rule refuses the engine knowing a plugin, and a leaf knowing anything", () => {
  assert.notEqual(
    layerProblem("engine/run/step/run_step.ts", "plugins/train/plugin.ts"),
    undefined,
  );
  assert.notEqual(layerProblem("engine/cache/store.ts", "engine/workflow/workflow.ts"), undefined);
  assert.notEqual(layerProblem("plugins/train/train.ts", "engine/mod.ts"), undefined);
  assert.equal(layerProblem("plugins/train/train.ts", "engine/plugin.ts"), undefined);
  assert.equal(layerProblem("engine/run/step/run_step.ts", "engine/cache/store.ts"), undefined);
});

Deno.test("finding a circle finds one", () => {
  const imports = new Map([["a", ["b"]], ["b", ["c"]], ["c", ["b"]]]);
  assert.deepEqual(findCycle(imports), ["b", "c", "b"]);
});
