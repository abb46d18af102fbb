// How a server is named and reached: variables, the credentials file, certificates.
import assert from "node:assert/strict";
import { StepError } from "../../../engine/plugin.ts";
import { mlflowSettings } from "../../../plugins/register/mlflow/settings.ts";
import {
  type ServerVariables,
  serverVariables,
} from "../../../plugins/register/mlflow/variables.ts";

const URI = { MLFLOW_TRACKING_URI: "http://127.0.0.1:5000" };
const CERTIFICATE = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n";
const KEY = "-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----\n";

async function read(
  env: Readonly<Record<string, string>>,
  server?: string,
): Promise<ServerVariables | undefined> {
  return await serverVariables((name) => env[name], server);
}

async function complaint(env: Readonly<Record<string, string>>): Promise<string> {
  try {
    await read({ ...URI, ...env });
  } catch (error) {
    assert.ok(error instanceof StepError);
    return `${error.message} | ${error.hint}`;
  }
  return "none";
}

Deno.test("a workflow's own server goes before the variable, and without either there is none", async () => {
  assert.equal(await read({}), undefined);
  assert.equal(await read({ MLFLOW_TRACKING_URI: "" }), undefined);
  const found = await read(URI, "http://other:1");
  assert.equal(found?.sandboxed["MLFLOW_TRACKING_URI"], "http://other:1");
});

Deno.test("the credentials file serves where no variable says who we are", async () => {
  const HOME = await Deno.makeTempDir({ prefix: "cairn_home_" });
  await Deno.mkdir(`${HOME}/.mlflow`);
  const file = "[other]\nmlflow_tracking_username = nobody\n\n[mlflow]\n" +
    "mlflow_tracking_username = zoe\nmlflow_tracking_password = ge = heim\n";
  await Deno.writeTextFile(`${HOME}/.mlflow/credentials`, file);
  const access = async (env: Readonly<Record<string, string>>): Promise<string | undefined> => {
    const found = await read({ ...URI, HOME, ...env });
    const { authorization } = mlflowSettings((name) => found?.sandboxed[name])!;
    return authorization && atob(authorization.replace("Basic ", ""));
  };
  assert.equal(await access({}), "zoe:ge = heim");
  assert.equal(await access({ MLFLOW_TRACKING_USERNAME: "eva" }), "eva:ge = heim");
  await Deno.remove(HOME, { recursive: true });
});

Deno.test("certificates reach sandboxed steps as texts, and programs as paths", async () => {
  const folder = await Deno.makeTempDir({ prefix: "cairn_certificates_" });
  await Deno.writeTextFile(`${folder}/ca.pem`, CERTIFICATE);
  await Deno.writeTextFile(`${folder}/client.pem`, CERTIFICATE + KEY);
  const env = {
    MLFLOW_TRACKING_SERVER_CERT_PATH: `${folder}/ca.pem`,
    MLFLOW_TRACKING_CLIENT_CERT_PATH: `${folder}/client.pem`,
  };
  const found = await read({ ...URI, ...env });
  assert.deepEqual(found?.program, { ...URI, ...env });
  const settings = mlflowSettings((name) => found?.sandboxed[name]);
  assert.deepEqual(settings?.tls, { ca: CERTIFICATE, client: CERTIFICATE + KEY });
  const swapped = { MLFLOW_TRACKING_CLIENT_CERT_PATH: `${folder}/ca.pem` };
  assert.match(await complaint(swapped), /holds no private key \| Put the certificate and/);
  const missing = { MLFLOW_TRACKING_SERVER_CERT_PATH: `${folder}/none.pem` };
  assert.match(await complaint(missing), /Cannot read ".*none\.pem".*\| Correct the path/);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("that certificates should not be checked is refused with a way out", async () => {
  const wish = { MLFLOW_TRACKING_INSECURE_TLS: "true" };
  assert.match(await complaint(wish), /certificates are always checked \| .*SERVER_CERT_PATH/);
  assert.equal(await complaint({ MLFLOW_TRACKING_INSECURE_TLS: "false" }), "none");
});
