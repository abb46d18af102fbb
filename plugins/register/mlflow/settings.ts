// Where the MLflow server is and who we are, from MLflow's own environment variables.
import { StepError } from "../../../engine/plugin.ts";

/** How to reach a server. */
export interface MlflowSettings {
  /** Address without a slash at its end; may hold a path prefix, never a password. */
  readonly base: string;
  /** Value of the `Authorization` header. */
  readonly authorization?: string;
  /** Absent where the system's own certificates are enough. */
  readonly tls?: Tls;
}

/** Certificates as PEM texts. */
export interface Tls {
  /** What the server's certificate is checked against. */
  readonly ca?: string;
  /** Certificate and private key by which the server knows us. */
  readonly client?: string;
}

/**
 * Names of variables with the texts of certificates: a sandboxed step cannot read the files that MLflow's own
 * variables name.
 */
export const certificateTexts = {
  ca: "CAIRN_MLFLOW_SERVER_CERT",
  client: "CAIRN_MLFLOW_CLIENT_CERT",
} as const;

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
  const user = env("MLFLOW_TRACKING_USERNAME") || decodeURIComponent(url.username);
  const password = env("MLFLOW_TRACKING_PASSWORD") || decodeURIComponent(url.password);
  const token = env("MLFLOW_TRACKING_TOKEN");
  const settings = {
    base: `${url.origin}${url.pathname}`.replace(/\/+$/, ""),
    ...tlsOf(env(certificateTexts.ca), env(certificateTexts.client)),
  };
  if (user && password) {
    return { ...settings, authorization: `Basic ${base64(`${user}:${password}`)}` };
  }
  return token ? { ...settings, authorization: `Bearer ${token}` } : settings;
}

function tlsOf(
  ca: string | undefined,
  client: string | undefined,
): { readonly tls?: Tls } {
  if (!ca && !client) return {};
  return { tls: { ...(ca ? { ca } : {}), ...(client ? { client } : {}) } };
}

function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}
