// What `cairn alias` does: looks whether a version is there, and lets the alias point at it.
import {
  type Arguments,
  type CliContext,
  EXIT,
  findProjectFolder,
  openState,
} from "../../engine/mod.ts";
import { registerOptions } from "./options.ts";
import { hasVersion, setAlias } from "./registry.ts";

/** Points an alias as the arguments say; gives the exit code. */
export async function pointAlias(context: CliContext, args: Arguments): Promise<number> {
  const { terminal, cwd } = context;
  const [name = "", alias = "", version = ""] = args.positionals;
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
