// `cairn alias` as a command. What it does is loaded when it is asked for.
import { type Command, STORE_FLAG } from "../../engine/cli.ts";

// Named by a variable, because Deno reads what a literal import names before the program starts.
const ALIAS = import.meta.resolve("./alias.ts");

/** Moves aliases by hand, as `register` does by itself. */
export const aliasCommand: Command = {
  name: "alias",
  summary: "points an alias of a registered model at one of its versions",
  positionals: ["MODEL", "ALIAS", "VERSION"],
  flags: STORE_FLAG,
  perform: async (context, args) => {
    const { pointAlias } = await import(ALIAS) as typeof import("./alias.ts");
    return await pointAlias(context, args);
  },
};
