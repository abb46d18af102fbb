// `cairn alias`: points an alias of a model in the local registry at one of its versions.
import {
  type Arguments,
  type CliContext,
  type Command,
  EXIT,
  findProjectFolder,
  openState,
  STORE_FLAG,
} from "../../engine/mod.ts";

// Named by a variable, because Deno reads what a literal import names before the program starts.
const REGISTRY = import.meta.resolve("./registry.ts");
const OPTIONS = import.meta.resolve("./options.ts");

/** Moves aliases by hand, as `register` does by itself. */
export const aliasCommand: Command = {
  name: "alias",
  summary: "points an alias of a registered model at one of its versions",
  positionals: ["MODEL", "ALIAS", "VERSION"],
  flags: STORE_FLAG,
  perform: pointAlias,
};

async function pointAlias(context: CliContext, args: Arguments): Promise<number> {
  const { terminal, cwd } = context;
  const [name = "", alias = "", version = ""] = args.positionals;
  const { hasVersion, setAlias } = await import(REGISTRY) as typeof import("./registry.ts");
  const { registerOptions } = await import(OPTIONS) as typeof import("./options.ts");
  const refuse = (problem: string, hint: string): number => {
    terminal.writeError(`error[unknown-version]: ${problem}\n  hint: ${hint}\n`);
    return EXIT.usage;
  };
  const checked = registerOptions.safeParse({ name, alias });
  if (!checked.success) {
    const words = checked.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
    return refuse(`"${alias}" of "${name}" cannot be an alias`, words.join("; "));
  }
  await using state = await openState(context, args, await findProjectFolder(`${cwd}/any`));
  const home = `${state.folder}/registry/${name}`;
  if (!/^[1-9]\d*$/.test(version) || !await hasVersion(home, Number(version))) {
    return refuse(
      `The registry has no version "${version}" of a model "${name}"`,
      `See the page, or the folder registry in ${state.folder}`,
    );
  }
  await setAlias(home, alias, Number(version));
  terminal.write(`"${alias}" of "${name}" is now version ${version}\n`);
  return EXIT.done;
}
