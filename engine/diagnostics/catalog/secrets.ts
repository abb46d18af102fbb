// Messages about secrets; none of them holds the value of one.
import { type Diagnostic, type Place, problem } from "../diagnostic.ts";
import { quote, suggestion } from "../suggest.ts";

/** A name that no variable can have. */
export function badSecretName(place: Place, name: string): Diagnostic {
  return problem("bad-name", `${quote(name)} cannot be the name of a secret`, {
    place,
    hint: "A secret is named like the variable that holds it: letters, digits and _",
  });
}

/** A secret that is listed twice. */
export function secretTwice(place: Place, name: string): Diagnostic {
  return problem("secret-twice", `The secret ${quote(name)} is listed twice`, { place });
}

/** A secret that the workflow does not list. */
export function unknownSecret(place: Place, name: string, known: readonly string[]): Diagnostic {
  return problem("unknown-secret", `The workflow lists no secret ${quote(name)}`, {
    place,
    hint: suggestion(name, known, "Its secrets") ??
      `Add it at the top of the workflow: secrets: [${name}]`,
  });
}

/** A secret where its value would be stored or shown. */
export function secretNotHere(place: Place, path: string): Diagnostic {
  return problem("secret-not-here", `${quote(path)} can stand only in the options of a plugin`, {
    place,
    hint:
      "Write it below with: of the step that has the plugin, alone in a text or in the middle of one",
  });
}

/** A secret that an expression would compute with. */
export function secretNotAlone(place: Place, path: string): Diagnostic {
  return problem("secret-not-here", `${quote(path)} is not known before the step runs`, {
    place,
    hint: `Write \${{ ${path} }} alone between its braces`,
  });
}

/** A secret among the words that start a program. */
export function secretInCommand(place: Place, name: string): Diagnostic {
  const message = `The secret ${quote(name)} would be shown to everybody who lists processes`;
  return problem("secret-in-command", message, {
    place,
    hint: `Give it as a variable: env: { ${name}: "\${{ secrets.${name} }}" }, and write $${name}`,
  });
}

/** A secret whose variable is not set. */
export function secretMissing(place: Place, name: string, step: string): Diagnostic {
  return problem("secret-missing", `Step ${quote(step)} needs the secret ${quote(name)}`, {
    place,
    hint: `Set the environment variable ${name} to its value`,
  });
}

/** A secret that is too short to be found in what a step prints. */
export function secretTooShort(place: Place, name: string, least: number): Diagnostic {
  const message = `The secret ${quote(name)} is too short to be kept out of logs`;
  return problem("secret-too-short", message, {
    place,
    hint: `The variable ${name} needs ${least} characters or more`,
  });
}

/** A variable that an expression writes into the workflow although it seems to be a secret. */
export function secretInPlainText(name: string): Diagnostic {
  const message = `The variable ${quote(name)} looks like a secret, and what an expression reads ` +
    "of it is stored and shown as plain text";
  return {
    ...problem("secret-in-plain-text", message, {
      hint: `List it, secrets: [${name}], and write \${{ secrets.${name} }}`,
    }),
    severity: "warning",
  };
}
