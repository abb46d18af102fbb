// Ends what a dead engine's steps left running: their temporary folder names the workspace they belong to.

/** Looks are few: what a process starts while it is being ended is found by the next one. */
const MOST_LOOKS = 10;

/** Ends every process of this user whose TMPDIR lies in one of these workspaces, and waits until they are gone. */
export async function endProcessesOf(workspaces: readonly string[]): Promise<void> {
  if (workspaces.length === 0 || Deno.build.os === "windows") return;
  for (let look = 0; look < MOST_LOOKS; look++) {
    const pids = await processesOf(workspaces);
    if (pids.length === 0) return;
    pids.forEach(end);
  }
}

async function processesOf(workspaces: readonly string[]): Promise<readonly number[]> {
  const isOfThese = (line: string): boolean =>
    workspaces.some((name) => new RegExp(`\\bTMPDIR=\\S*/${name}/`).test(line));
  return (await listed()).split("\n").filter(isOfThese).map((line) => parseInt(line));
}

/** Every process with its arguments and, where it belongs to this user, its environment. */
async function listed(): Promise<string> {
  try {
    const ps = new Deno.Command("ps", { args: ["axeww", "-o", "pid=,args="], stderr: "null" });
    return new TextDecoder().decode((await ps.output()).stdout);
  } catch {
    return ""; // Without that program they end by themselves; what they write is in nobody's way.
  }
}

function end(pid: number): void {
  try {
    Deno.kill(pid, "SIGKILL");
  } catch {
    // It has ended meanwhile.
  }
}
