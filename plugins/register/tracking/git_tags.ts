// What git says of the project that a run belongs to, as MLflow's own tags.

/** Tags of commit, branch and origin; none where the folder is in no repository, or there is no git. */
export async function gitTags(folder: string): Promise<Readonly<Record<string, string>>> {
  const commit = await git(folder, "rev-parse", "HEAD");
  if (commit === undefined) return {};
  const [branch, origin, changes] = await Promise.all([
    git(folder, "symbolic-ref", "--short", "--quiet", "HEAD"),
    git(folder, "config", "--get", "remote.origin.url"),
    git(folder, "status", "--porcelain", "--untracked-files=no"),
  ]);
  return {
    "mlflow.source.git.commit": commit,
    ...branch && { "mlflow.source.git.branch": branch },
    // The address may hold a password.
    ...origin && { "mlflow.source.git.repoURL": origin.replace(/\/\/[^/]*@/, "//") },
    ...changes &&
      { "cairn.git.changes": `${changes.split("\n").length} files differ from the commit` },
  };
}

async function git(folder: string, ...words: readonly string[]): Promise<string | undefined> {
  try {
    const { success, stdout } = await new Deno.Command("git", {
      args: ["-C", folder, ...words],
      stdin: "null",
      stderr: "null",
    }).output();
    return success ? new TextDecoder().decode(stdout).trim() : undefined;
  } catch {
    return undefined; // not installed, or not allowed
  }
}
