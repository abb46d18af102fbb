// Where programs lie, so that one that is missing is known before a process is started for it.
import { resolve } from "node:path";

const found = new Map<string, string>();

/**
 * Finds a program as a process in `cwd` with a certain PATH would; undefined where there is none. Throws
 * PermissionDenied for a path that leads to something else than a program.
 */
export function findProgram(
  program: string,
  { path = "", cwd }: { readonly path?: string | undefined; readonly cwd: string },
): string | undefined {
  if (program.includes("/")) return programAt(resolve(cwd, program));
  const key = `${program}\0${path}`;
  const known = found.get(key);
  if (known !== undefined && kindOf(known) === "program") return known;
  for (const folder of path.split(":")) {
    const candidate = resolve(cwd, folder, program);
    if (kindOf(candidate) !== "program") continue;
    if (folder.startsWith("/")) found.set(key, candidate);
    return candidate;
  }
  return undefined;
}

function programAt(path: string): string | undefined {
  const kind = kindOf(path);
  if (kind === "other") throw new Deno.errors.PermissionDenied(`"${path}" is not executable`);
  return kind === "program" ? path : undefined;
}

function kindOf(path: string): "program" | "other" | "absent" {
  try {
    const { isFile, mode } = Deno.statSync(path);
    return isFile && ((mode ?? 0) & 0o111) !== 0 ? "program" : "other";
  } catch {
    return "absent";
  }
}
