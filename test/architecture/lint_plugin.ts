// House rules as lint rules: layers, no default exports, short functions, short files.
import { fromFileUrl, relativeToRoot } from "./root.ts";
import { layerProblem } from "./layers.ts";

const LONGEST_FUNCTION = 60;
const LONGEST_FILE = 300;

type Spanned = { readonly range: Deno.lint.Range };

function checkImport(context: Deno.lint.RuleContext, source: Deno.lint.StringLiteral | null): void {
  if (source === null || !source.value.startsWith(".")) return;
  const from = relativeToRoot(context.filename);
  const to = relativeToRoot(fromFileUrl(new URL(source.value, `file://${context.filename}`)));
  if (from === undefined || to === undefined) return;
  const problem = layerProblem(from, to);
  if (problem === undefined) return;
  context.report({
    node: source,
    message: problem,
    hint: "Move the code to the layer that may know both, or pass what is needed as an argument",
  });
}

function checkLength(context: Deno.lint.RuleContext, node: Deno.lint.Node & Spanned): void {
  const [start, end] = node.range;
  const lines = context.sourceCode.text.slice(start, end).split("\n").length;
  const from = relativeToRoot(context.filename);
  if (lines <= LONGEST_FUNCTION || from === undefined || from.startsWith("test/")) return;
  context.report({
    node,
    message: `This function has ${lines} lines, ${LONGEST_FUNCTION} are allowed`,
    hint: "Give the parts names of their own",
  });
}

const plugin: Deno.lint.Plugin = {
  name: "house",
  rules: {
    "layers": {
      create: (context) => ({
        ImportDeclaration: (node) => checkImport(context, node.source),
        ExportNamedDeclaration: (node) => checkImport(context, node.source),
        ExportAllDeclaration: (node) => checkImport(context, node.source),
        ImportExpression: (node) => {
          if (node.source.type === "Literal" && typeof node.source.value === "string") {
            checkImport(context, node.source as Deno.lint.StringLiteral);
          }
        },
      }),
    },
    "no-default-export": {
      create: (context) => ({
        ExportDefaultDeclaration: (node) => {
          if (context.filename.endsWith("/test/architecture/lint_plugin.ts")) return; // Deno asks for one
          context.report({ node, message: "Default export", hint: "Export it by name" });
        },
      }),
    },
    "short-functions": {
      create: (context) => ({
        FunctionDeclaration: (node) => checkLength(context, node),
        FunctionExpression: (node) => checkLength(context, node),
        ArrowFunctionExpression: (node) => checkLength(context, node),
      }),
    },
    "short-files": {
      create: (context) => ({
        Program: (node) => {
          const lines = context.sourceCode.text.split("\n").length - 1;
          if (lines <= LONGEST_FILE) return;
          context.report({
            node,
            message: `This file has ${lines} lines, ${LONGEST_FILE} are allowed`,
            hint: "Find where an idea ends and let the rest move out",
          });
        },
      }),
    },
  },
};

export default plugin;
