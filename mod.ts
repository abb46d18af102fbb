/**
 * The library: runs workflows from a program, and declares plugins; `z`, which describes their options, comes
 * from `cairn/plugin`.
 *
 * ```ts
 * import { runWorkflow } from "./mod.ts";
 *
 * const run = runWorkflow("workflows/01_hello.yaml", { set: { who: "Europe" } });
 * for await (const event of run) {
 *   if (event.type === "step-finished") console.log(event.step, event.durationMs);
 * }
 * console.log(await run.outcome);
 * ```
 *
 * The command line is main.ts.
 *
 * @module
 */
import { startWorkflow, type WorkflowOptions, type WorkflowRun } from "./engine/mod.ts";
import { builtInPlugins } from "./plugins/mod.ts";
import { openMlflowTracker, resolveModelAddresses } from "./plugins/register/run_hooks.ts";

export {
  type AnnouncedStep,
  type Event,
  type EventBody,
  type Published,
  type PublishFailed,
  type RemoteFailed,
  type RemoteSending,
  type RunFinished,
  type RunOutcome,
  type RunStarted,
  type SkipReason,
  type Starter,
  type StepCancelled,
  type StepFailed,
  type StepFinished,
  type StepLog,
  type StepMetric,
  type StepProgress,
  type StepRetrying,
  type StepReused,
  type StepSkipped,
  type StepStarted,
  WorkflowError,
  type WorkflowOptions,
  type WorkflowRun,
} from "./engine/mod.ts";
export {
  type Checkpoint,
  type Checkpoints,
  type CommandTemplate,
  type ConfigOf,
  type ConfigSchema,
  definePlugin,
  type InputArtifact,
  type InputItem,
  type InputOf,
  type Kind,
  type Lease,
  monotone,
  type OptionProblem,
  type OptionSchema,
  path,
  type Permissions,
  type Plugin,
  type PluginDefinition,
  type Port,
  type Ports,
  type ResourceRequest,
  runtimeOnly,
  type StepContext,
  StepError,
  type SysCall,
  type TextSchema,
} from "./engine/plugin.ts";

/**
 * Runs a workflow file; what is unchanged since an earlier run is reused. The run begins at once and goes on
 * whether or not anybody listens to its events.
 */
export function runWorkflow(path: string, options: WorkflowOptions = {}): WorkflowRun {
  const parts = {
    builtIn: builtInPlugins,
    resolveAddresses: resolveModelAddresses,
    openTracker: openMlflowTracker,
  };
  return startWorkflow(path, parts, options);
}
