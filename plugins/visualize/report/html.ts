// HTML as values that are escaped unless they are HTML already: forgetting to escape is a type error.
import { escapeMarkup } from "../../draw/svg.ts";

/** Markup that is safe to put into a page as it is. */
export class Html {
  constructor(readonly markup: string) {}
}

type Part = string | number | Html | readonly Html[] | undefined;

/** Builds HTML; strings and numbers are escaped, undefined leaves nothing. */
export function html(texts: TemplateStringsArray, ...parts: Part[]): Html {
  const markup = texts.map((text, index) => text + spell(parts[index]));
  return new Html(markup.join(""));
}

function spell(part: Part): string {
  if (part === undefined) return "";
  if (part instanceof Html) return part.markup;
  if (typeof part === "string" || typeof part === "number") return escapeMarkup(`${part}`);
  return part.map(({ markup }) => markup).join("");
}
