// Plugins that do nothing, shaped like the built-in ones, so that tests of the front end stand alone.
import { optionIssues } from "../../engine/graph/plugins/option_issues.ts";
import { isRemote, type PluginLock } from "../../engine/graph/plugins/plugin_lock.ts";
import type {
  OptionIssue,
  PluginProblem,
  PluginSource,
  ResolvedPlugin,
  ResolvedStep,
} from "../../engine/graph/plugins/plugin_source.ts";
import { type Kind, path, type Permissions, type Ports, z } from "../../engine/plugin.ts";
import type { JsonObject } from "../../engine/workflow/workflow.ts";

interface FakePlugin {
  readonly kind: Kind;
  readonly config: z.ZodObject;
  readonly inputs: Ports | "any";
  outputs(config: JsonObject): Ports;
}

function ports(types: Readonly<Record<string, string>>): Ports {
  const entries = Object.entries(types).map(([name, type]) => {
    const optional = type.endsWith("?");
    const many = type.endsWith("*");
    const port = { type: type.replace(/[?*]$/, ""), description: "" };
    return [name, { ...port, ...(optional ? { optional } : {}), ...(many ? { many } : {}) }];
  });
  return Object.fromEntries(entries);
}

/** Inputs that must know nothing of a part of the data. */
function refusing(part: string, inputs: Ports): Ports {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, port]) => [name, { ...port, refuses: part }]),
  );
}

const made = (types: Readonly<Record<string, string>>) => (): Ports => ports(types);

const fakes: Readonly<Record<string, FakePlugin>> = {
  prepare: {
    kind: "prepare",
    config: z.strictObject({
      images: path("folder").describe("folder of orthophotos"),
      masks: path("folder").optional().describe("folder of label images"),
      lists: z.array(path("file")).default([]).describe("files that name the images of a split"),
      tile: z.int().min(16).max(4096).multipleOf(16).default(512).describe("pixels per side"),
      classes: z.array(z.string()).min(2).default(["background", "building"]).describe("names"),
      split: z.union([z.enum(["image", "tile"]), z.number().min(0).max(1)]).default("image")
        .describe("what keeps the splits apart"),
    }),
    inputs: {},
    outputs: made({ tiles: "tiles" }),
  },
  train: {
    kind: "train",
    config: z.strictObject({
      epochs: z.int().min(1).default(10).describe("passes over the tiles"),
      "learning-rate": z.number().positive().default(1e-3).describe("step size"),
      device: z.enum(["auto", "cpu", "cuda"]).default("auto").describe("where to compute"),
    }),
    inputs: refusing("test", ports({ tiles: "tiles", start: "model?" })),
    outputs: made({ model: "model", history: "metrics" }),
  },
  test: {
    kind: "test",
    config: z.strictObject({ split: z.enum(["val", "test"]).default("test").describe("tiles") }),
    inputs: ports({ model: "model", tiles: "tiles" }),
    outputs: () => ({
      ...ports({ matrix: "figures" }),
      metrics: { type: "metrics", description: "", reveals: { option: "split" } },
    }),
  },
  visualize: {
    kind: "visualize",
    config: z.strictObject({ count: z.int().min(1).default(8).describe("pictures of each sort") }),
    inputs: ports({ model: "model", tiles: "tiles", scores: "metrics?" }),
    outputs: made({ figures: "figures" }),
  },
  compare: {
    kind: "test",
    config: z.strictObject({}),
    inputs: ports({ models: "model*", scores: "metrics?" }),
    outputs: made({ table: "table", best: "model" }),
  },
  command: {
    kind: "other",
    config: z.strictObject({
      run: z.string().min(1).describe("the command line"),
      env: z.record(z.string(), z.string()).default({}).describe("its variables"),
      outputs: z.record(z.string(), z.string()).default({}).describe("type of each output"),
    }),
    inputs: "any",
    outputs: (config) => ports(config["outputs"] as Record<string, string>),
  },
};

/** What a plugin from elsewhere asks for. */
const GREEDY: Permissions = {
  ffi: true,
  net: ["api.example.org", "127.0.0.1:80"],
  env: ["HOME"],
  run: ["git"],
  shared: ["registry"],
};

/** Knows prepare, train, test, visualize, compare and command, and prepare by any address; counts how often it is asked. */
export class FakePlugins implements PluginSource {
  readonly names: readonly string[] = Object.keys(fakes);
  readonly resolved: string[] = [];

  /** See {@link PluginSource.resolve}. */
  resolve(
    uses: string,
    _folder: string,
    lock: PluginLock,
  ): Promise<ResolvedPlugin | PluginProblem> {
    this.resolved.push(uses);
    const isFromElsewhere = isRemote(uses);
    if (isFromElsewhere) lock.fetched(uses, {});
    const fake = fakes[isFromElsewhere ? "prepare" : uses];
    if (fake === undefined) {
      return Promise.resolve({ problem: "does not exist", hint: "Check the path" });
    }
    return Promise.resolve({
      name: isFromElsewhere ? "prepare" : uses,
      kind: fake.kind,
      description: "",
      version: 1,
      inputs: fake.inputs,
      configSchema: schemaOf(fake),
      specifier: `fake:${uses}`,
      ...(isFromElsewhere ? { lockFile: "", permissions: GREEDY } : { permissions: {} }),
    });
  }

  /** See {@link PluginSource.configure}. */
  configure(
    plugin: ResolvedPlugin,
    config: JsonObject,
  ): Promise<ResolvedStep | readonly OptionIssue[]> {
    const fake = fakes[plugin.name];
    if (fake === undefined) throw new Error(`no fake plugin ${plugin.name}`);
    const parsed = fake.config.safeParse(config);
    if (!parsed.success) return Promise.resolve(optionIssues(parsed.error, config, schemaOf(fake)));
    const full = parsed.data as JsonObject;
    const resolved = { config: full, outputs: fake.outputs(full), resources: {} };
    if (plugin.name !== "command") return Promise.resolve(resolved);
    const argv = ["sh", "-c", String(full["run"])];
    const env = full["env"] as Readonly<Record<string, string>>; // as its schema says
    return Promise.resolve({ ...resolved, command: { argv, env } });
  }
}

function schemaOf(fake: FakePlugin): JsonObject {
  return z.toJSONSchema(fake.config, { io: "input" }) as JsonObject;
}
