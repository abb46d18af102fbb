// What a step's process may see and touch, as command-line flags and environment: pure.
import type { Lease, Permissions } from "../../plugin.ts";

export interface SandboxRequest {
  readonly permissions: Permissions;
  /** Absolute paths. */
  readonly readable: readonly string[];
  readonly writable: readonly string[];
  /** Hosts that the plugin's own code comes from. */
  readonly importHosts: readonly string[];
  readonly lease: Lease;
  readonly scratch: string;
}

/** Looks up a variable of the engine's own environment. */
export type Environment = (name: string) => string | undefined;

/** Where programs, home and language are; the same for every step. */
const BASE_ENV = ["PATH", "HOME", "LANG", "TZ"];
/** What Deno itself needs to find or fetch modules; plugins cannot read it. */
const DENO_ENV = [
  "DENO_DIR",
  "XDG_CACHE_HOME",
  "NPM_CONFIG_REGISTRY",
  "HTTP_PROXY",
  "HTTPS_PROXY",
  "NO_PROXY",
  "DENO_CERT",
  "DENO_TLS_CA_STORE",
];

const READ_PER_FLAG = 100;

/** Permission flags of a TypeScript step's process. */
export function permissionFlags(
  request: SandboxRequest,
  environment: Environment,
): readonly string[] {
  const { permissions, lease } = request;
  const env = [
    ...permissions.env ?? [],
    ...permissions.probeEnv ?? [],
    ...Object.keys(leaseEnv(lease)),
    "TMPDIR",
  ];
  return [
    "--no-prompt",
    ...readFlags([...request.readable, ...request.writable]),
    flag("write", request.writable),
    flag("env", env),
    flag("net", (permissions.net ?? []).flatMap((host) => hostOf(host, environment))),
    flag("run", permissions.run ?? []),
    flag("sys", permissions.sys ?? []),
    // Deno lets code import from some hosts unasked, which would be a way out of the sandbox.
    request.importHosts.length === 0 ? "--no-remote" : flag("import", request.importHosts),
    ...(permissions.ffi === true ? ["--allow-ffi"] : []),
  ].filter((text) => text !== "");
}

function flag(name: string, values: readonly string[]): string {
  if (values.length === 0) return "";
  return `--allow-${name}=${values.map((value) => value.replaceAll(",", ",,")).join(",")}`;
}

/** One flag for a few paths each: a single argument of a program has at most 128 KiB. */
function readFlags(paths: readonly string[]): readonly string[] {
  const parts = Math.ceil(paths.length / READ_PER_FLAG);
  return Array.from(
    { length: parts },
    (_, part) => flag("read", paths.slice(part * READ_PER_FLAG, (part + 1) * READ_PER_FLAG)),
  );
}

/** A host, or where written as `$NAME` the host of the URL in that variable. */
function hostOf(entry: string, environment: Environment): readonly string[] {
  if (!entry.startsWith("$")) return [entry];
  const text = environment(entry.slice(1));
  if (text === undefined || !URL.canParse(text)) return [];
  const url = new URL(text);
  return [url.port === "" ? url.hostname : url.host];
}

/** Environment of a TypeScript step's process. */
export function pluginEnv(
  request: SandboxRequest,
  environment: Environment,
): Readonly<Record<string, string>> {
  return {
    ...pick([...BASE_ENV, ...DENO_ENV, ...request.permissions.env ?? []], environment),
    ...leaseEnv(request.lease),
    NO_COLOR: "1",
    TMPDIR: request.scratch,
  };
}

/** Environment of a program step: the base, what the lease says, and what the workflow declares. */
export function commandEnv(
  declared: Readonly<Record<string, string>>,
  request: { readonly lease: Lease; readonly scratch: string },
  environment: Environment,
): Readonly<Record<string, string>> {
  return {
    ...pick(BASE_ENV, environment),
    ...leaseEnv(request.lease),
    TMPDIR: request.scratch,
    ...declared,
  };
}

/** What libraries read the number of their threads from; they would take all processors otherwise. */
const THREADS_ENV = [
  "OMP_NUM_THREADS",
  "OPENBLAS_NUM_THREADS",
  "MKL_NUM_THREADS",
  "BLIS_NUM_THREADS",
  "VECLIB_MAXIMUM_THREADS",
  "NUMEXPR_NUM_THREADS",
  "RAYON_NUM_THREADS",
  "POLARS_MAX_THREADS",
];

/** Tells libraries how much of the machine they may use. */
function leaseEnv(lease: Lease): Readonly<Record<string, string>> {
  const threads = String(Math.max(1, Math.floor(lease.cpus)));
  return {
    // By default CUDA would count the fastest first, and so another than the driver's tool does.
    CUDA_DEVICE_ORDER: "PCI_BUS_ID",
    CUDA_VISIBLE_DEVICES: lease.gpus.join(","),
    ...Object.fromEntries(THREADS_ENV.map((name) => [name, threads])),
  };
}

function pick(names: readonly string[], environment: Environment): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of names) {
    const value = environment(name);
    if (value !== undefined) found[name] = value;
  }
  return found;
}
