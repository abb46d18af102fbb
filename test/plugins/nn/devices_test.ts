// Which device computes: what "auto" takes, what is said of it, and that a named one is never replaced.
import assert from "node:assert/strict";
import { StepError } from "../../../engine/plugin.ts";
import { chooseDevice, type DeviceProbes, onnxProbes } from "../../../plugins/nn/devices.ts";
import type { Device } from "../../../plugins/nn/runtime.ts";

function machineWith(
  devices: readonly Device[],
  { imitated = false }: { readonly imitated?: boolean } = {},
): DeviceProbes {
  return {
    refusal: (device) => Promise.resolve(devices.includes(device) ? undefined : `no ${device}`),
    isWebgpuImitated: () => Promise.resolve(imitated),
    hintFor: onnxProbes.hintFor,
  };
}

for (
  const { has, imitated, takes, why } of [
    { has: ["cpu", "webgpu", "cuda"], takes: "cuda", why: /^Device "auto" is cuda$/ },
    { has: ["cpu", "webgpu"], takes: "webgpu", why: /^Device "auto" is webgpu: no cuda$/ },
    { has: ["cpu"], takes: "cpu", why: /^Device "auto" is cpu: no cuda; no webgpu$/ },
    { has: ["cpu", "webgpu"], imitated: true, takes: "cpu", why: /is cpu: .*finds no GPU$/ },
  ] as const
) {
  const machine = `${has.join(" and ")}${imitated ? ", imitated" : ""}`;
  Deno.test(`where there is ${machine}, auto is ${takes} and says why`, async () => {
    const chosen = await chooseDevice("auto", machineWith(has, { imitated: imitated ?? false }));
    assert.equal(chosen.device, takes);
    assert.match(chosen.why, why);
  });
}

for (const [device, install] of [["cuda", /onnxruntime-gpu/], ["webgpu", /libvulkan1/]] as const) {
  Deno.test(`a missing ${device} is an error that names what to install`, async () => {
    await assert.rejects(chooseDevice(device, machineWith(["cpu"])), (error) => {
      assert.ok(error instanceof StepError);
      assert.equal(error.message, `Device "${device}" cannot be used: no ${device}`);
      assert.match(error.hint ?? "", install);
      return true;
    });
  });
}

Deno.test("an imitated WebGPU computes where it is asked for by name, which is said", async () => {
  const chosen = await chooseDevice("webgpu", machineWith(["cpu", "webgpu"], { imitated: true }));
  assert.deepEqual(chosen, {
    device: "webgpu",
    why: "Device webgpu, as asked for, which software imitates on the processors here",
  });
});
