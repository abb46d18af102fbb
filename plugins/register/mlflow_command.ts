// `cairn mlflow` as a command. What it does is loaded when it is asked for.
import { type Command, STORE_FLAG } from "../../engine/cli.ts";

// Named by a variable, because Deno reads what a literal import names before the program starts.
const SYNC = import.meta.resolve("./tracking/sync.ts");

export const mlflowCommand: Command = {
  name: "mlflow",
  summary: "mlflow sync sends what waits for a server; mlflow push brings it local models",
  positionals: ["sync|push", "[MODEL]"],
  flags: {
    ...STORE_FLAG,
    once: { type: "boolean", description: "does not try again where the server does not answer" },
  },
  perform: async (context, args) => {
    const { mlflow } = await import(SYNC) as typeof import("./tracking/sync.ts");
    return await mlflow(context, args);
  },
};
