// What a step's environment holds: what is declared, nothing else.
import assert from "node:assert/strict";
import { runPlugin } from "../support/own_plugin.ts";
import { commandStep, Project, workflowOf } from "../support/rig.ts";

/** Variables that every step sees, whatever this machine has set. */
const BASE = [
  "HOME",
  "LANG",
  "PATH",
  "TMPDIR",
  "TZ",
  "CUDA_DEVICE_ORDER",
  "CUDA_VISIBLE_DEVICES",
  "OMP_NUM_THREADS",
  "OPENBLAS_NUM_THREADS",
  "MKL_NUM_THREADS",
  "BLIS_NUM_THREADS",
  "VECLIB_MAXIMUM_THREADS",
  "NUMEXPR_NUM_THREADS",
  "RAYON_NUM_THREADS",
  "POLARS_MAX_THREADS",
];

Deno.test("a program sees the base and what the workflow declares, nothing else", async () => {
  await using project = await Project.make();
  project.environment.set("CAIRN_TEST_SECRET", "secret");
  await project.write(
    "workflow.yaml",
    workflowOf([
      commandStep("a", "env | cut -d= -f1 | sort > ${{ outputs.out }}/names\nenv", {}).replace(
        "      outputs:",
        "      env: { CAIRN_TEST_LABEL: seen }\n      outputs:",
      ),
    ], "publish:\n  out: a.out\n"),
  );
  const { code, error } = await project.run();
  assert.equal(code, 0, error);
  const ofTheShell = ["PWD", "OLDPWD", "SHLVL", "_"];
  const names = (await project.lines("out/names")).filter((name) => !ofTheShell.includes(name));
  assert.ok(names.includes("CAIRN_TEST_LABEL"));
  assert.deepEqual(
    names.filter((name) => !BASE.includes(name) && name !== "CAIRN_TEST_LABEL"),
    [],
  );
});

Deno.test("a program that a plugin starts sees the base and what the plugin declares, nothing else", async () => {
  await using project = await Project.make();
  project.environment.set("CAIRN_TEST_SECRET", "secret");
  project.environment.set("CAIRN_TEST_LABEL", "seen");
  const { code, error } = await runPlugin(
    project,
    `const { stdout } = await new Deno.Command("env").output();
    await Deno.writeFile(outputs.out + "/env", stdout);`,
    {
      permissions: '{ run: ["env"], env: ["CAIRN_TEST_LABEL"] }',
      after: "publish:\n  out: mine.out\n",
    },
  );
  assert.equal(code, 0, error);
  const names = (await project.lines("out/env")).map((line) => line.split("=")[0] ?? "");
  assert.ok(names.includes("CAIRN_TEST_LABEL"));
  const ofDeno = ["NO_COLOR", "DENO_DIR", "XDG_CACHE_HOME", "NPM_CONFIG_REGISTRY", "HTTP_PROXY"]
    .concat("HTTPS_PROXY", "NO_PROXY", "DENO_CERT", "DENO_TLS_CA_STORE");
  assert.deepEqual(
    names.filter((name) => ![...BASE, ...ofDeno, "CAIRN_TEST_LABEL"].includes(name)),
    [],
  );
});
