// Gathers what MLflow's variables say of a server, with the files that they name: the credentials file and
// certificates. What comes out is all that a sandboxed step needs to reach the server.
import { StepError } from "../../../engine/plugin.ts";
import { certificateTexts } from "./settings.ts";

/** Variables by name. */
export type Variables = Readonly<Record<string, string>>;

type Environment = (name: string) => string | undefined;

const credentials = [
  "MLFLOW_TRACKING_USERNAME",
  "MLFLOW_TRACKING_PASSWORD",
  "MLFLOW_TRACKING_TOKEN",
] as const;

/** Variables that a program's own MLflow client reads files by. */
const tlsNames = [
  "MLFLOW_TRACKING_INSECURE_TLS",
  "MLFLOW_TRACKING_SERVER_CERT_PATH",
  "MLFLOW_TRACKING_CLIENT_CERT_PATH",
] as const;

/** One variable of a program's environment has room for 128 KiB. */
const longestText = 120_000;

/** How to reach a server: from a sandboxed step, and from a program with an MLflow client of its own. */
export interface ServerVariables {
  readonly sandboxed: Variables;
  readonly program: Variables;
}

/**
 * Reads the variables and files; `server` is the address where a workflow names one, which goes before the
 * variable. Undefined where there is no address; throws StepError for what cannot be used.
 */
export async function serverVariables(
  env: Environment,
  server: string | undefined,
): Promise<ServerVariables | undefined> {
  const uri = server ?? env("MLFLOW_TRACKING_URI") ?? "";
  if (uri === "") return undefined;
  refuseInsecure(env("MLFLOW_TRACKING_INSECURE_TLS"));
  const access = {
    MLFLOW_TRACKING_URI: uri,
    ...await fromCredentialsFile(env("HOME")),
    ...pick(credentials, env),
  };
  const ca = env("MLFLOW_TRACKING_SERVER_CERT_PATH");
  const client = env("MLFLOW_TRACKING_CLIENT_CERT_PATH");
  return {
    sandboxed: {
      ...access,
      ...ca && { [certificateTexts.ca]: await readCertificate("SERVER", ca) },
      ...client && { [certificateTexts.client]: await readCertificate("CLIENT", client) },
    },
    program: { ...access, ...pick(tlsNames, env) },
  };
}

function refuseInsecure(value: string | undefined): void {
  if (!/^(true|1)$/i.test(value ?? "")) return;
  throw new StepError("MLFLOW_TRACKING_INSECURE_TLS is set, but certificates are always checked", {
    hint: "Unset it, and name the server's certificate with MLFLOW_TRACKING_SERVER_CERT_PATH",
  });
}

/** What `~/.mlflow/credentials` says; nothing where there is no such file. */
async function fromCredentialsFile(home: string | undefined): Promise<Variables> {
  if (home === undefined) return {};
  let text: string;
  try {
    text = await Deno.readTextFile(`${home}/.mlflow/credentials`);
  } catch {
    return {};
  }
  const section = /^\[mlflow\]\s*$([^[]*)/m.exec(text)?.[1] ?? "";
  const found = section.matchAll(
    /^\s*(mlflow_tracking_(?:username|password))\s*[=:]\s*(.*?)\s*$/gm,
  );
  return Object.fromEntries([...found].map(([, key, value]) => [key!.toUpperCase(), value!]));
}

async function readCertificate(whose: "SERVER" | "CLIENT", path: string): Promise<string> {
  const variable = `MLFLOW_TRACKING_${whose}_CERT_PATH`;
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (cause) {
    throw new StepError(`Cannot read "${path}", which ${variable} names`, {
      hint: "Correct the path, or unset the variable",
      cause,
    });
  }
  if (!text.includes("-----BEGIN CERTIFICATE-----")) {
    throw new StepError(`"${path}", which ${variable} names, holds no certificate as PEM text`, {
      hint: "Give a file that starts with -----BEGIN CERTIFICATE-----",
    });
  }
  if (whose === "CLIENT" && !/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) {
    throw new StepError(`"${path}", which ${variable} names, holds no private key`, {
      hint: "Put the certificate and its private key into that one file",
    });
  }
  if (text.length <= longestText) return text;
  throw new StepError(`"${path}", which ${variable} names, is longer than ${longestText} bytes`, {
    hint: "Give only the certificate of the authority that signed the server's",
  });
}

function pick(names: readonly string[], env: Environment): Variables {
  return Object.fromEntries(names.flatMap((name) => {
    const value = env(name);
    return value === undefined || value === "" ? [] : [[name, value]];
  }));
}
