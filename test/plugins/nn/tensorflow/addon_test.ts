// Finding TensorFlow's native library in a folder: what is missing, or broken, is said with a way out.
import assert from "node:assert/strict";
import { StepError } from "../../../../engine/plugin.ts";
import { loadAddon } from "../../../../plugins/nn/tensorflow/addon.ts";
import { chooseTensorFlow } from "../../../../plugins/nn/tensorflow/choice.ts";
import { Project } from "../../../support/rig.ts";

const GPU = "node_modules/@tensorflow/tfjs-node-gpu";
const CPU = "node_modules/@tensorflow/tfjs-node";
const PACKAGE = '{ "version": "4.22.0" }';
const BINDING = "lib/napi-v8/tfjs_binding.node";

/** Modules of the package as far as they are loaded before its addon. */
const MODULES = {
  "node_modules/@tensorflow/tfjs/index.js": "exports.registerBackend = () => {};",
  [`${CPU}/dist/register_all_kernels.js`]: "",
  [`${CPU}/dist/nodejs_kernel_backend.js`]: "exports.NodeJSKernelBackend = class {};",
};

for (
  const [what, files, message, hint] of [
    ["an empty folder", {}, /holds neither @tensorflow\/tfjs-node-gpu nor/, /npm install --prefix/],
    [
      "a package whose install script did not run",
      { [`${GPU}/package.json`]: PACKAGE },
      /^@tensorflow\/tfjs-node-gpu in .* is there without its addon, lib\/napi-v8/,
      /npm rebuild --prefix .* @tensorflow\/tfjs-node-gpu/,
    ],
    [
      "an addon that the system cannot load",
      { ...MODULES, [`${CPU}/package.json`]: PACKAGE, [`${CPU}/${BINDING}`]: "no library" },
      /^@tensorflow\/tfjs-node in .* cannot be loaded: .*tfjs_binding\.node/,
      /leave out "addon"/,
    ],
  ] as const
) {
  Deno.test(`${what} is refused with a way out`, async () => {
    await using project = await Project.make(files);
    assert.throws(() => loadAddon(project.path(".")), (error) => {
      assert.ok(error instanceof StepError);
      assert.match(error.message, message);
      assert.match(error.hint ?? "", hint);
      return true;
    });
  });
}

Deno.test("without an addon cuda is refused, and what to install is said", async () => {
  await assert.rejects(chooseTensorFlow("cuda", undefined), (error) => {
    assert.ok(error instanceof StepError);
    assert.match(
      error.message,
      /^Device "cuda" cannot be used: it needs @tensorflow\/tfjs-node-gpu/,
    );
    assert.match(error.hint ?? "", /npm install --prefix tensorflow @tensorflow\/tfjs-node-gpu/);
    return true;
  });
});

Deno.test("without an addon the processors compute by WebAssembly, which is said", async () => {
  const { device, why } = await chooseTensorFlow("cpu", undefined);
  assert.deepEqual([device, why], ["cpu", "Device cpu, as asked for; TensorFlow.js computes"]);
});
