// What steps that speak to an MLflow server may touch, and how they read what they are told of it.
import type { Permissions } from "../../engine/plugin.ts";

/** Permissions of such a step; the variables that a tracker gives besides are no part of its fingerprint. */
export const serverAccess: Permissions = {
  shared: ["registry", "mlflow"],
  net: ["$MLFLOW_TRACKING_URI"],
  env: [
    "MLFLOW_TRACKING_URI",
    "MLFLOW_TRACKING_USERNAME",
    "MLFLOW_TRACKING_PASSWORD",
    "MLFLOW_TRACKING_TOKEN",
  ],
  tracking: true,
};

/** A variable; undefined also where the sandbox hides it, as it does those that no tracker gives. */
export function variable(name: string): string | undefined {
  const { state } = Deno.permissions.querySync({ name: "env", variable: name });
  return state === "granted" ? Deno.env.get(name) : undefined;
}
