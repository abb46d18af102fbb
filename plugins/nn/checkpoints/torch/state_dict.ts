// Finds the weights in what training programs save around them, and their names without wrappers' parts.
import { Unreadable } from "../bytes.ts";
import type { StoredTensors } from "../elements.ts";
import { Tensor } from "./tensors.ts";

/** Under what names programs keep the weights beside epochs, optimisers and the like. */
const WRAPPERS = ["state_dict", "model_state_dict", "model", "net"];
/** What data parallelism, compilation and Lightning put before the names of weights. */
const PREFIX = /^(?:module\.|_orig_mod\.|model\.|net\.)+/;
/** Wrappers within wrappers that are looked through. */
const DEEPEST = 4;
const HOW_TO_SAVE = "Save the weights with torch.save(model.state_dict(), path)";

/** Gives the tensors by the names that the network gave them; throws Unreadable where there are none. */
export function stateDict(saved: unknown): StoredTensors {
  const weights = unwrapped(saved);
  const tensors = new Map<string, Tensor>();
  for (const [key, value] of weights) {
    if (!(value instanceof Tensor) || typeof key !== "string") continue;
    const name = key.replace(PREFIX, "");
    tensors.set(tensors.has(name) ? key : name, value);
  }
  if (tensors.size > 0) return tensors;
  const names = [...weights.keys()].filter((key) => typeof key === "string").slice(0, 8)
    .map((key) => `"${key}"`).join(", ");
  throw new Unreadable(
    names === "" ? "there are no weights in it" : `there are no weights in it, only ${names}`,
    HOW_TO_SAVE,
  );
}

function unwrapped(saved: unknown): ReadonlyMap<unknown, unknown> {
  let found = saved;
  // Bounded, because dictionaries of a made-up file may hold each other.
  for (let depth = 0; depth < DEEPEST && found instanceof Map; depth++) {
    const dictionary: ReadonlyMap<unknown, unknown> = found;
    const inner = WRAPPERS.map((name) => dictionary.get(name))
      .find((value) => value instanceof Map);
    if (inner === undefined) return dictionary;
    found = inner;
  }
  throw new Unreadable("what it holds is no dictionary of weights", HOW_TO_SAVE);
}
