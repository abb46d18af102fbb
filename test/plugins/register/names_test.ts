// Names of metrics and parameters on an MLflow server.
import assert from "node:assert/strict";
import { normalize } from "node:path/posix";
import { mlflowName } from "../../../plugins/register/mlflow/names.ts";

Deno.test("a name that MLflow takes stays as it is", () => {
  for (const name of ["loss", "val-iou/inland water", "class-weights.road", "a:b/.c/d_1"]) {
    assert.equal(mlflowName(name), name);
  }
});

Deno.test("of any other names no two become one, and MLflow takes them", () => {
  const classes = [
    "Gebäude",
    "Geb_ude",
    "Gebòude",
    "水",
    "木",
    "a//b",
    "a/./b",
    "a/",
    "..",
    ".",
    "",
  ];
  const long = ["x".repeat(300), `${"x".repeat(300)}y`];
  const names = ["", "/", "../a", ...[...classes, ...long].map((name) => `val-iou/${name}`)];
  const told = names.map(mlflowName);
  assert.equal(new Set(told).size, names.length);
  for (const name of told) {
    assert.match(name, /^[A-Za-z0-9_\-. :/]{1,250}$/);
    assert.equal(normalize(name), name);
    assert.doesNotMatch(name, /^\/|^\.\.|\/$|^\.$/);
  }
});
