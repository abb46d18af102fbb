// Where the MLflow server is and who we are, from MLflow's own environment variables.
import { StepError } from "../../../engine/plugin.ts";

/** How to reach a server. */
export interface MlflowSettings {
  /** Address without a slash at its end; may hold a path prefix, never a password. */
  readonly base: string;
  /** Value of the `Authorization` header. */
  readonly authorization?: string;
}

/**
 * Reads the settings; undefined where MLFLOW_TRACKING_URI is not set.
 * A name with password wins over a token, as in MLflow's Python client.
 */
export function mlflowSettings(
  env: (name: string) => string | undefined,
): MlflowSettings | undefined {
  const uri = env("MLFLOW_TRACKING_URI");
  if (uri === undefined || uri === "") return undefined;
  const url = URL.parse(uri);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new StepError(
      `MLFLOW_TRACKING_URI is "${
        uri.replace(/\/\/[^/]*@/, "//")
      }", an address with http or https is needed`,
      { hint: "Start a server with `mlflow server` and give its address, or unset the variable" },
    );
  }
  const user = env("MLFLOW_TRACKING_USERNAME") ?? decodeURIComponent(url.username);
  const password = env("MLFLOW_TRACKING_PASSWORD") ?? decodeURIComponent(url.password);
  const token = env("MLFLOW_TRACKING_TOKEN");
  const base = `${url.origin}${url.pathname}`.replace(/\/+$/, "");
  if (user && password) return { base, authorization: `Basic ${base64(`${user}:${password}`)}` };
  return token ? { base, authorization: `Bearer ${token}` } : { base };
}

function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}
