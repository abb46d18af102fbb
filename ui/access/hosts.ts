// Where the page listens: on this machine alone, or for others, too; and what the terminal says of that.

/** Says whether only this machine reaches an address. */
export function isLoopback(host: string): boolean {
  return host === "::1" || /^127(?:\.\d+){3}$/.test(host);
}

/** Names by which other machines may call this one, beside its addresses. */
export function namesOf(host: string): ReadonlySet<string> {
  const own = Deno.hostname().toLowerCase();
  return new Set([host.toLowerCase(), own, `${own}.local`]);
}

/** What the terminal says once the page is there. */
export function welcome(
  { host, port, token }: { readonly host: string; readonly port: number; readonly token: string },
): string {
  if (isLoopback(host)) return `Open ${addressOf(host, port)}/#token=${token}\n`;
  const addresses = reachableAddresses(host);
  return addresses.map((address) => `Open ${addressOf(address, port)}/?token=${token}\n`).join("") +
    "Whoever has this address sees every run and can start workflows on this machine.\n" +
    "Nothing is encrypted on its way. Over networks that you do not trust, leave --host away and use\n" +
    `  ssh -L ${port}:127.0.0.1:${port} THIS-MACHINE\n`;
}

/** Why a host cannot be listened on, with a way out; undefined for other errors. */
export function hostProblem(host: string, error: unknown): string | undefined {
  if (error instanceof Deno.errors.NotCapable) {
    return `error[host-not-allowed]: This program may not listen on "${host}"\n` +
      "  hint: Use --host 0.0.0.0 for all addresses of this machine, " +
      "or add this one to --allow-net of the task ui in deno.json\n";
  }
  const isUnknown = error instanceof Deno.errors.AddrNotAvailable ||
    error instanceof Error && /lookup|name resolution|invalid/i.test(error.message);
  if (!isUnknown) return undefined;
  const known = interfaceAddresses().join(", ");
  return `error[unknown-host]: "${host}" is no address of this machine\n` +
    `  hint: It has ${known}; 0.0.0.0 stands for all of them\n`;
}

function reachableAddresses(host: string): readonly string[] {
  if (host !== "0.0.0.0" && host !== "::") return [host];
  const isV4 = host === "0.0.0.0";
  const found = interfaceAddresses().filter((address) =>
    !isLoopback(address) && !/^fe80:/i.test(address) && (!isV4 || !address.includes(":"))
  );
  return found.length === 0 ? ["127.0.0.1"] : found;
}

function interfaceAddresses(): readonly string[] {
  return Deno.networkInterfaces().map(({ address }) => address);
}

function addressOf(host: string, port: number): string {
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}
