// Every message of the engine's front end, one function each, sorted by subject.
export * from "./catalog/expression.ts";
export * from "./catalog/graph.ts";
export * from "./catalog/groups.ts";
export * from "./catalog/matrix.ts";
export * from "./catalog/params.ts";
export * from "./catalog/secrets.ts";
export * from "./catalog/trust.ts";
export * from "./catalog/usage.ts";
export * from "./catalog/workflow.ts";
export * from "./catalog/yaml.ts";
