// When files were last changed, to the precision of their file system. Deno tells whole seconds only, and an
// edit within the second in which a file was hashed would look like none.

/** Paths asked of one process; a command line has room for so many. */
const MOST_AT_ONCE = 500;

interface Batch {
  readonly paths: Set<string>;
  readonly times: Promise<ReadonlyMap<string, number> | undefined>;
}

let gathering: Batch | undefined;

/**
 * Gives the time of each file's last change of content or metadata, milliseconds since 1970 with a fraction;
 * undefined where this system has no program that tells. What is asked in one turn is answered by one process.
 */
export async function changeTimes(
  paths: Iterable<string>,
): Promise<ReadonlyMap<string, number> | undefined> {
  gathering ??= newBatch();
  const { paths: asked, times } = gathering;
  for (const path of paths) asked.add(path);
  return await times;
}

function newBatch(): Batch {
  const paths = new Set<string>();
  const times = new Promise<void>((resolve) => setTimeout(resolve, 0)).then(() => {
    gathering = undefined;
    return readTimes([...paths]);
  });
  return { paths, times };
}

async function readTimes(
  paths: readonly string[],
): Promise<ReadonlyMap<string, number> | undefined> {
  const times = new Map<string, number>();
  for (let at = 0; at < paths.length; at += MOST_AT_ONCE) {
    const some = paths.slice(at, at + MOST_AT_ONCE);
    const lines = await linesOf("stat", ["-L", "-c", "%.9Z", "--", ...some]);
    if (lines?.length !== some.length) return undefined;
    for (const [index, line] of lines.entries()) {
      if (!/^\d+\.\d{9}$/.test(line)) return undefined;
      times.set(some[index]!, Number(line) * 1000);
    }
  }
  return times;
}

/** Lines that a program prints; undefined where it does not exist or fails. */
async function linesOf(
  program: string,
  args: readonly string[],
): Promise<readonly string[] | undefined> {
  try {
    const { success, stdout } = await new Deno.Command(program, {
      args: [...args],
      env: { LC_ALL: "C" },
      stdin: "null",
      stderr: "null",
    }).output();
    return success ? new TextDecoder().decode(stdout).split("\n").slice(0, -1) : undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
