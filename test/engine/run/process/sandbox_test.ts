// What a step's process may see and touch, as flags and environment.
import assert from "node:assert/strict";
import {
  commandEnv,
  permissionFlags,
  pluginEnv,
  type SandboxRequest,
} from "../../../../engine/run/process/sandbox.ts";

/** Variables that say how many threads to use. */
const THREADS = [
  "OMP_NUM_THREADS",
  "OPENBLAS_NUM_THREADS",
  "MKL_NUM_THREADS",
  "BLIS_NUM_THREADS",
  "VECLIB_MAXIMUM_THREADS",
  "NUMEXPR_NUM_THREADS",
  "RAYON_NUM_THREADS",
  "POLARS_MAX_THREADS",
];

const own = new Map([
  ["PATH", "/bin"],
  ["HOME", "/home/ada"],
  ["DENO_DIR", "/deno"],
  ["SECRET", "do not pass on"],
  ["MLFLOW_TRACKING_URI", "http://mlflow.example:5000/api?x=1"],
  ["CUDA_VISIBLE_DEVICES", "0,1,2,3"],
]);
const environment = (name: string): string | undefined => own.get(name);

function request(
  permissions: SandboxRequest["permissions"] = {},
  more: Partial<SandboxRequest> = {},
): SandboxRequest {
  return {
    permissions,
    readable: ["/in"],
    writable: ["/out", "/scratch"],
    importHosts: [],
    lease: { cpus: 3, memoryBytes: 1, gpus: ["1", "3"], gpuMemoryBytes: 2 },
    scratch: "/scratch",
    ...more,
  };
}

/** Value of a flag such as `--allow-read=…`; undefined where the flag is absent. */
function allowed(kind: string, request: SandboxRequest): string | undefined {
  const prefix = `--allow-${kind}=`;
  return permissionFlags(request, environment).find((flag) => flag.startsWith(prefix))
    ?.slice(prefix.length);
}

Deno.test("many inputs are named in several flags, for one has a bounded length", () => {
  const readable = Array.from({ length: 250 }, (_, at) => `/view/${at}`);
  const flags = permissionFlags(request({}, { readable }), environment)
    .filter((flag) => flag.startsWith("--allow-read="));
  assert.equal(flags.length, 3);
  const named = flags.flatMap((flag) => flag.slice("--allow-read=".length).split(","));
  assert.deepEqual(named, [...readable, "/out", "/scratch"]);
});

Deno.test("a step that declares nothing reads its inputs and writes its outputs, nothing else", () => {
  assert.deepEqual(permissionFlags(request(), environment), [
    "--no-prompt",
    "--allow-read=/in,/out,/scratch",
    "--allow-write=/out,/scratch",
    `--allow-env=CUDA_DEVICE_ORDER,CUDA_VISIBLE_DEVICES,${THREADS.join(",")},TMPDIR`,
    "--no-remote",
  ]);
});

Deno.test("no flag is ever without its values, which would allow everything", () => {
  const bare = request({ env: [], net: [], run: [], sys: [], ffi: false }, {
    readable: [],
    writable: [],
  });
  for (const flag of permissionFlags(bare, environment)) {
    assert.match(flag, /^--no-prompt$|^--no-remote$|^--allow-\w+=.+$/);
  }
});

Deno.test("declared permissions are granted one by one", () => {
  const permissions = {
    ffi: true,
    env: ["TOKEN"],
    probeEnv: ["MALLOC"],
    net: ["example.org:443", "localhost"],
    run: ["git"],
    sys: ["cpus", "hostname"],
  } as const;
  const flags = permissionFlags(request(permissions), environment);
  assert.ok(flags.includes("--allow-ffi"));
  assert.ok(flags.includes("--allow-net=example.org:443,localhost"));
  assert.ok(flags.includes("--allow-run=git"));
  assert.ok(flags.includes("--allow-sys=cpus,hostname"));
  assert.match(allowed("env", request(permissions)) ?? "", /^TOKEN,MALLOC,/);
});

Deno.test("code may be imported only from the hosts that the plugin's own code comes from", () => {
  assert.equal(allowed("import", request({}, { importHosts: ["jsr.io"] })), "jsr.io");
  assert.ok(permissionFlags(request(), environment).includes("--no-remote"));
});

Deno.test("a comma in a path does not open another path", () => {
  assert.equal(allowed("read", request({}, { readable: ["/a,/etc"] })), "/a,,/etc,/out,/scratch");
});

Deno.test("a host may come from a variable, and one that is not set opens nothing", () => {
  assert.equal(
    allowed("net", request({ net: ["$MLFLOW_TRACKING_URI"] })),
    "mlflow.example:5000",
  );
  assert.equal(allowed("net", request({ net: ["$NOT_SET"] })), undefined);
  assert.equal(allowed("net", request({ net: ["$PATH"] })), undefined);
});

Deno.test("a plugin's environment holds the base, what it declares and its lease", () => {
  assert.deepEqual(pluginEnv(request({ env: ["MLFLOW_TRACKING_URI", "NOT_SET"] }), environment), {
    PATH: "/bin",
    HOME: "/home/ada",
    DENO_DIR: "/deno",
    MLFLOW_TRACKING_URI: "http://mlflow.example:5000/api?x=1",
    CUDA_DEVICE_ORDER: "PCI_BUS_ID",
    CUDA_VISIBLE_DEVICES: "1,3",
    ...Object.fromEntries(THREADS.map((name) => [name, "3"])),
    NO_COLOR: "1",
    TMPDIR: "/scratch",
  });
});

Deno.test("a program's environment holds the base, its lease and what the workflow says", () => {
  const lease = { cpus: 0.5, memoryBytes: 1, gpus: [], gpuMemoryBytes: 0 };
  assert.deepEqual(commandEnv({ LABEL: "x" }, { lease, scratch: "/scratch" }, environment), {
    PATH: "/bin",
    HOME: "/home/ada",
    CUDA_DEVICE_ORDER: "PCI_BUS_ID",
    CUDA_VISIBLE_DEVICES: "",
    ...Object.fromEntries(THREADS.map((name) => [name, "1"])),
    TMPDIR: "/scratch",
    LABEL: "x",
  });
});
