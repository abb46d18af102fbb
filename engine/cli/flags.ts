// Flags that several commands share.
import type { Command } from "./command.ts";

/** Flags of the commands that take a workflow. */
export const WORKFLOW_FLAGS = {
  set: {
    type: "string",
    multiple: true,
    value: "NAME=VALUE",
    description: "gives a parameter another value",
  },
  params: {
    type: "string",
    value: "FILE",
    description: "gives parameters the values of a YAML or JSON file",
  },
  trust: {
    type: "boolean",
    description: "trusts the plugins from elsewhere that it uses with what they ask for",
  },
} as const satisfies Command["flags"];

/** Flag of the commands that use the store. */
export const STORE_FLAG = {
  store: {
    type: "string",
    value: "DIR",
    description: "keeps results in another folder than .cairn",
  },
} as const satisfies Command["flags"];
