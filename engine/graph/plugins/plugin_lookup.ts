// Resolves the plugins of a workflow, each once, and asks them about the options of their steps.
import {
  missingOption,
  pluginProblem,
  unknownOption,
  unknownPlugin,
  untrustedPlugin,
  wrongOption,
} from "../../diagnostics/catalog.ts";
import { nearest, quoteList } from "../../diagnostics/suggest.ts";
import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import { wordAt } from "../../workflow/source.ts";
import type { Step } from "../../workflow/workflow.ts";
import { permissionWords } from "./permission_words.ts";
import type { PluginLock } from "./plugin_lock.ts";
import type {
  OptionIssue,
  PluginProblem,
  PluginSource,
  ResolvedPlugin,
  ResolvedStep,
} from "./plugin_source.ts";

const ASKED_AT_A_TIME = 4;

/** A step as far as it could be resolved; what is absent has a mistake that was reported. */
export interface StepPlugin {
  readonly step: Step;
  readonly plugin?: ResolvedPlugin;
  readonly resolved?: ResolvedStep;
}

/** What plugins are looked up with, beside the folders of their steps. */
export interface LookupPlace {
  /** Where the person stands. */
  readonly cwd: string;
  readonly lock: PluginLock;
}

/** Finds the plugins of steps and remembers them. */
export class PluginLookup {
  readonly #found = new Map<string, Promise<ResolvedPlugin | PluginProblem | "unknown">>();
  readonly #reported = new Set<string>();

  constructor(
    readonly source: PluginSource,
    readonly from: LookupPlace,
    readonly report: (diagnostic: Diagnostic) => void,
  ) {}

  /** Resolves the plugins and options of steps; gives them in the same order. */
  async resolveAll(steps: readonly Step[]): Promise<readonly StepPlugin[]> {
    const found: StepPlugin[] = [];
    const waiting = steps.entries();
    // Asking a user's plugin starts a process, so only a few are asked at a time.
    const work = async (): Promise<void> => {
      for (const [index, step] of waiting) found[index] = await this.#resolve(step);
    };
    await Promise.all(Array.from({ length: ASKED_AT_A_TIME }, work));
    return found;
  }

  async #resolve(step: Step): Promise<StepPlugin> {
    if (step.damaged.has("uses")) return { step };
    const plugin = await this.#plugin(step);
    if (plugin === undefined) return { step };
    if (step.damaged.has("with")) return { step, plugin };
    const resolved = await this.source.configure(plugin, step.with.value);
    if (!isIssues(resolved)) return { step, plugin, resolved };
    for (const issue of withoutFollowing(resolved)) {
      this.report(optionDiagnostic(step, plugin, issue));
    }
    return { step, plugin };
  }

  async #plugin({ uses, folder }: Step): Promise<ResolvedPlugin | undefined> {
    // The same path starts from another folder in an imported file.
    const key = uses.value.startsWith(".") ? `${folder} ${uses.value}` : uses.value;
    let found = this.#found.get(key);
    if (found === undefined) {
      found = this.#ask(uses.value, folder);
      this.#found.set(key, found);
    }
    const plugin = await found;
    if (plugin === "unknown") {
      this.report(unknownPlugin(uses.place, uses.value, this.source.names));
      return undefined;
    }
    // One broken file is one mistake, however many steps use it.
    const isFirst = !this.#reported.has(key);
    this.#reported.add(key);
    if ("problem" in plugin) {
      const at = plugin.at && wordAt(plugin.at, this.from.cwd);
      if (isFirst) this.report(pluginProblem(uses.place, uses.value, { ...plugin, at }));
      return undefined;
    }
    if (isFirst && plugin.lockFile !== undefined) this.#judge(uses, plugin);
    return plugin;
  }

  /** Reports a plugin from elsewhere that is not trusted with what it asks for. */
  #judge({ value, place }: Step["uses"], { permissions }: ResolvedPlugin): void {
    const { lock } = this.from;
    const distrust = lock.judge(value, permissions);
    if (distrust === undefined) return;
    const { asked, more } = distrust;
    this.report(untrustedPlugin(place, value, {
      for: permissionWords(more ?? asked),
      isMore: more !== undefined,
      listed: [...lock.trust.listed],
    }));
  }

  #ask(uses: string, folder: string): Promise<ResolvedPlugin | PluginProblem | "unknown"> {
    const isPlainName = /^[\w-]+$/.test(uses);
    if (isPlainName && !this.source.names.includes(uses)) return Promise.resolve("unknown");
    if (/^[\w-][^:]*\.\w+$/.test(uses)) {
      const hint = `A file is named with its path: "./${uses}"`;
      return Promise.resolve({ problem: "is no plugin", hint });
    }
    if (/^(npm|jsr|https):.*\.ya?ml$/.test(uses)) {
      const hint = "Keep a copy of it beside this file, and name that: ./NAME.yaml";
      return Promise.resolve({ problem: "is a workflow from afar", hint });
    }
    return this.source.resolve(uses, folder, this.from.lock);
  }
}

function isIssues(
  answer: ResolvedStep | readonly OptionIssue[],
): answer is readonly OptionIssue[] {
  return Array.isArray(answer);
}

/** Leaves out missing options that were only misspelt. */
function withoutFollowing(issues: readonly OptionIssue[]): readonly OptionIssue[] {
  const meant = new Set(
    issues.map(({ kind, key, path, candidates }) =>
      kind === "unknown" && key !== undefined
        ? JSON.stringify([...path.slice(0, -1), nearest(key, candidates ?? [])])
        : ""
    ),
  );
  return issues.filter(({ kind, path }) => kind !== "missing" || !meant.has(JSON.stringify(path)));
}

function optionDiagnostic(step: Step, plugin: ResolvedPlugin, issue: OptionIssue): Diagnostic {
  const { path, hint, key } = issue;
  const known = issue.candidates ?? [];
  const option = { name: key ?? path.join("."), plugin: plugin.name };
  const at = (part: "key" | "value"): ReturnType<typeof step.with.places.at> =>
    step.with.places.at(path, part);
  switch (issue.kind) {
    case "unknown":
      return unknownOption(at("key"), { ...option, known });
    case "missing":
      return missingOption(at("key"), { ...option, hint });
    default: {
      const choices = known.length === 0 ? undefined : `Choices: ${quoteList(known)}`;
      const { kind: code, message } = issue;
      const name = path.join(".");
      return wrongOption(at("value"), { ...option, name, code, message, hint: hint ?? choices });
    }
  }
}
