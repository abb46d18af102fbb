// Projects with the same workflow and stores of their own, as two people have them who share a remote store.
import { commandStep, Project, workflowOf } from "./rig.ts";

/** A makes two files, one in a folder, B joins them; the result is published. */
export const WORKFLOW = workflowOf([
  commandStep(
    "a",
    "mkdir ${{ outputs.out }}/deep; echo 1 > ${{ outputs.out }}/1; echo 2 > ${{ outputs.out }}/deep/2",
  ),
  commandStep("b", "cat ${{ inputs.in }}/1 ${{ inputs.in }}/deep/2 > ${{ outputs.out }}/all", {
    inputs: "in: a.out",
  }),
], "publish:\n  out: b.out\n");

/** What the workflow publishes as `out/all`. */
export const RIGHT = "1\n2\n";

/** Makes a project with a store of its own. */
export async function person(workflow = WORKFLOW): Promise<Project> {
  return await Project.make({ "workflow.yaml": workflow });
}

/** A folder for a remote store; disposing removes it. */
export async function remoteFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await Deno.realPath(await Deno.makeTempDir({ prefix: "cairn_remote_" }));
  return {
    path,
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }).catch(() => {}),
  };
}
