// Computes the value of a parsed expression. Pure but for the environment, which the scope hands in.
import {
  argumentNotText,
  filesUnreadable,
  matrixNotHere,
  noSuchItem,
  operandNotNumber,
  operandsDoNotFit,
  pathGoesTooDeep,
  pathNeedsName,
  patternProblem,
  placeholderWithoutValue,
  resultNotFinite,
  roleNotAlone,
  secretNotAlone,
  secretNotHere,
  stepsNotHere,
  unknownFunction,
  unknownInside,
  unknownMatrixKey,
  unknownName,
  unknownParam,
  valueNotText,
  variableNotSet,
  wrongArgumentCount,
} from "../../diagnostics/catalog.ts";
import { type Diagnostic, DiagnosticsError } from "../../diagnostics/diagnostic.ts";
import type { Binary, Call, Expression, Index, Locate, Name, Unary } from "./parse.ts";
import { describeValue } from "../describe_value.ts";
import type { HashedFiles } from "../hashed_files.ts";
import type { Json, JsonObject, MatrixValue } from "../workflow.ts";
import { asText, combine, describeItems, isEqual, isTrue, itemOf } from "./values.ts";

/** What the names in an expression stand for. */
export interface Scope {
  /** Undefined, as a whole or for a parameter, where a mistake there has been reported. */
  readonly params: ReadonlyMap<string, Json | undefined> | undefined;
  env(name: string): string | undefined;
  /** Hashes the files that patterns name; throws what the file system throws. */
  hashFiles(patterns: readonly string[]): HashedFiles;
  /** Inputs of the step whose `with` is read; absent elsewhere, where no role has a meaning. */
  readonly inputs?: readonly string[];
  /**
   * Values of the combination whose step is read, null for keys that only other combinations have; absent
   * where there is no matrix.
   */
  readonly matrix?: Readonly<Record<string, MatrixValue | null>> | "damaged";
  /** Secrets that the options of a step may name; absent elsewhere, where none has a meaning. */
  readonly secrets?: readonly string[] | "damaged";
  /** Gives a value that a condition reads; absent before the run. */
  readonly valueRead?: (at: number) => Json;
}

/** Names that an expression can start with, besides those of the running step. */
const CONTEXTS: readonly string[] = ["params", "env", "matrix", "steps", "secrets"];

/** Names that stand for paths which only a running step knows. */
export const ROLES: readonly string[] = ["inputs", "outputs", "scratch"];

/**
 * Computes an expression.
 *
 * @throws {DiagnosticsError} with what is wrong; with nothing where that was reported elsewhere
 */
export function evaluate(expression: Expression, scope: Scope, locate: Locate): Json {
  return new Evaluation(scope, locate).value(expression);
}

const FUNCTIONS: readonly string[] = ["format", "env", "hashFiles"];
const FORMAT_USAGE = "format('{0} of {1}', first, second)";
const HASH_FILES_USAGE = "hashFiles('requirements.txt', 'src/**/*.py')";
const ENV_USAGE = "env('NAME') or env('NAME', 'default')";

class Evaluation {
  constructor(readonly scope: Scope, readonly locate: Locate) {}

  value(expression: Expression): Json {
    switch (expression.kind) {
      case "literal":
        return expression.value;
      case "path":
        return this.#path(expression.names, expression);
      case "index":
        return this.#index(expression);
      case "value":
        return this.scope.valueRead?.(expression.at) ?? null;
      case "call":
        return this.#call(expression);
      case "unary":
        return this.#unary(expression);
      case "binary":
        return this.#binary(expression);
    }
  }

  #path(names: readonly Name[], path: Expression): Json {
    const [root, name, ...inner] = names;
    if (root === undefined) throw new Error("A path has at least one name");
    if (ROLES.includes(root.text)) fail(roleNotAlone(this.locate(path.span), dotted(names)));
    if (!CONTEXTS.includes(root.text)) {
      fail(unknownName(this.locate(root.span), root.text, [...CONTEXTS, ...ROLES]));
    }
    if (root.text === "secrets") {
      const tell = this.scope.secrets === undefined ? secretNotHere : secretNotAlone;
      fail(tell(this.locate(path.span), dotted(names)));
    }
    if (root.text === "steps") fail(stepsNotHere(this.locate(path.span), dotted(names)));
    if (root.text === "matrix" && this.scope.matrix === undefined) {
      fail(matrixNotHere(this.locate(path.span), dotted(names)));
    }
    if (name === undefined) fail(pathNeedsName(this.locate(root.span), root.text));
    let value = root.text === "matrix"
      ? this.#matrixValue(name)
      : root.text === "params"
      ? this.#param(name)
      : this.#variable(name);
    for (const [at, key] of inner.entries()) {
      value = this.#inside(value, key, { path, name: dotted(names.slice(0, at + 2)) });
    }
    return value;
  }

  /** A value in a map. */
  #inside(
    value: Json,
    key: Name,
    from: { readonly path: Expression; readonly name: string },
  ): Json {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      return fail(pathGoesTooDeep(this.locate(from.path.span), from.name));
    }
    const map = value as JsonObject;
    const found = Object.hasOwn(map, key.text) ? map[key.text] : undefined;
    if (found !== undefined) return found;
    const known = Object.keys(map);
    return fail(unknownInside(this.locate(key.span), key.text, { map: from.name, known }));
  }

  #index({ of, key }: Index): Json {
    const holder = this.value(of);
    const name = this.value(key);
    const item = itemOf(holder, name);
    return item === undefined
      ? fail(noSuchItem(this.locate(key.span), describeValue(name), describeItems(holder)))
      : item;
  }

  #matrixValue(name: Name): Json {
    const { matrix } = this.scope;
    if (matrix === undefined || matrix === "damaged") throw new DiagnosticsError([]);
    const value = Object.hasOwn(matrix, name.text) ? matrix[name.text] : undefined;
    return value === undefined
      ? fail(unknownMatrixKey(this.locate(name.span), name.text, Object.keys(matrix)))
      : value;
  }

  #param(name: Name): Json {
    const { params } = this.scope;
    if (params === undefined) throw new DiagnosticsError([]);
    if (!params.has(name.text)) {
      fail(unknownParam(this.locate(name.span), name.text, [...params.keys()]));
    }
    const value = params.get(name.text);
    if (value === undefined) throw new DiagnosticsError([]);
    return value;
  }

  #variable(name: Name): Json {
    const value = this.scope.env(name.text);
    return value ?? fail(variableNotSet(this.locate(name.span), name.text));
  }

  #call(call: Call): Json {
    switch (call.name.text) {
      case "format":
        return this.#format(call);
      case "env":
        return this.#env(call);
      case "hashFiles":
        return this.#hashFiles(call);
      default:
        return fail(unknownFunction(this.locate(call.name.span), call.name.text, FUNCTIONS));
    }
  }

  #format(call: Call): string {
    const [template, ...rest] = call.values;
    if (template === undefined) fail(wrongArgumentCount(this.locate(call.span), FORMAT_USAGE));
    const pattern = this.#text(template, FORMAT_USAGE);
    const values = rest.map((value) => {
      const result = this.value(value);
      return asText(result) ??
        fail(valueNotText(this.locate(value.span), describeValue(result)));
    });
    return pattern.replace(/\{\{|\}\}|\{(\d+)\}/g, (placeholder, index?: string) => {
      if (index === undefined) return placeholder.slice(1);
      return values[Number(index)] ??
        fail(placeholderWithoutValue(this.locate(template.span), placeholder));
    });
  }

  #env(call: Call): Json {
    const [name, fallback, ...more] = call.values;
    if (name === undefined || more.length > 0) {
      fail(wrongArgumentCount(this.locate(call.span), ENV_USAGE));
    }
    const variable = this.#text(name, ENV_USAGE);
    const value = this.scope.env(variable);
    if (value !== undefined) return value;
    if (fallback !== undefined) return this.value(fallback);
    return fail(variableNotSet(this.locate(name.span), variable));
  }

  #hashFiles(call: Call): string {
    if (call.values.length === 0) {
      fail(wrongArgumentCount(this.locate(call.span), HASH_FILES_USAGE));
    }
    const patterns = call.values.map((value) => this.#text(value, HASH_FILES_USAGE));
    try {
      const found = this.scope.hashFiles(patterns);
      if ("digest" in found) return found.digest;
      const place = this.locate((call.values[found.at] ?? call).span);
      return fail(patternProblem(place, patterns[found.at] ?? "", found.problem));
    } catch (error) {
      if (error instanceof DiagnosticsError || !(error instanceof Error)) throw error;
      return fail(filesUnreadable(this.locate(call.span), error.message));
    }
  }

  #text(expression: Expression, usage: string): string {
    const value = this.value(expression);
    if (typeof value === "string") return value;
    return fail(argumentNotText(this.locate(expression.span), usage, describeValue(value)));
  }

  #unary({ operator, operand }: Unary): Json {
    const value = this.value(operand);
    if (operator === "!") return !isTrue(value);
    if (typeof value === "number") return -value;
    return fail(operandNotNumber(this.locate(operand.span), operator, describeValue(value)));
  }

  #binary(binary: Binary): Json {
    const left = this.value(binary.left);
    if (binary.operator === "&&") return isTrue(left) ? this.value(binary.right) : left;
    if (binary.operator === "||") return isTrue(left) ? left : this.value(binary.right);
    const right = this.value(binary.right);
    if (binary.operator === "==") return isEqual(left, right);
    if (binary.operator === "!=") return !isEqual(left, right);
    const result = combine(binary.operator, left, right);
    if (result === undefined) {
      const present = [describeValue(left), describeValue(right)] as const;
      fail(operandsDoNotFit(this.locate(binary.operatorSpan), binary.operator, present));
    }
    if (typeof result === "number" && !Number.isFinite(result)) {
      fail(resultNotFinite(this.locate(binary.span)));
    }
    return result;
  }
}

function dotted(names: readonly Name[]): string {
  return names.map(({ text }) => text).join(".");
}

/** Throws a diagnostic. */
export function fail(diagnostic: Diagnostic): never {
  throw new DiagnosticsError([diagnostic]);
}
