// An MLflow server in memory, with the traps of the real one: absent lists, 400 for what exists already,
// JSON required, HTML for unknown routes, no word after an upload.

interface Call {
  readonly method: string;
  /** Below `/api/2.0/`. */
  readonly path: string;
  readonly body: unknown;
}

/** What the server holds, for tests to look at. */
export interface FakeMlflow extends AsyncDisposable {
  readonly base: string;
  readonly calls: Call[];
  readonly files: Map<string, string>;
  /** Model name to alias to version. */
  readonly aliases: Map<string, string>;
  readonly versions: { readonly name: string; readonly tags: Tag[] }[];
  readonly statuses: string[];
  /** Answers the path that ends so with this. */
  readonly refusals: Map<string, Response>;
  experimentStage: string;
}

interface Tag {
  readonly key: string;
  readonly value: string;
}

/** Serves on a free port of this machine until it is disposed. */
export function serveFakeMlflow(experiments: Iterable<string> = []): FakeMlflow {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, handle);
  const names = new Set(experiments);
  const registered = new Set<string>();
  const fake: FakeMlflow = {
    base: `http://127.0.0.1:${server.addr.port}`,
    calls: [],
    files: new Map(),
    aliases: new Map(),
    versions: [],
    statuses: [],
    refusals: new Map(),
    experimentStage: "active",
    [Symbol.asyncDispose]: () => server.shutdown(),
  };

  async function handle(request: Request): Promise<Response> {
    const url = new URL(request.url);
    if (url.pathname === "/version") return new Response("3.17.2");
    const path = url.pathname.replace("/api/2.0/", "");
    const text = await request.text();
    if (path.startsWith("mlflow-artifacts/artifacts/")) {
      const refused = refusal(path);
      if (refused !== undefined) return refused;
      fake.files.set(decodeURIComponent(path.replace("mlflow-artifacts/artifacts/", "")), text);
      return new Response(null);
    }
    const isJson = request.headers.get("content-type") === "application/json";
    if (text !== "" && !isJson) return refuse("INVALID_PARAMETER_VALUE", "Bad content type");
    const body = text === "" ? undefined : JSON.parse(text);
    fake.calls.push({ method: request.method, path, body });
    const answer = routes[`${request.method} ${path.replace(/m-\d+$/, "ID")}`];
    const missing = new Response("<!doctype html><title>404 Not Found</title>", { status: 404 });
    return refusal(path) ?? answer?.(body, url.searchParams) ?? missing;
  }

  function refusal(path: string): Response | undefined {
    const entry = [...fake.refusals].find(([end]) => path.endsWith(end));
    return entry?.[1].clone();
  }

  // The bodies are whatever the client under test sent.
  // deno-lint-ignore no-explicit-any
  const routes: Record<string, (body: any, query: URLSearchParams) => Response> = {
    "POST mlflow/experiments/create": ({ name }) => {
      if (names.has(name)) {
        const sql = "[SQL: INSERT INTO experiments]";
        return refuse("RESOURCE_ALREADY_EXISTS", `Experiment(name=${name}) exists. ${sql}`);
      }
      names.add(name);
      return Response.json({ experiment_id: "5" });
    },
    "GET mlflow/experiments/get-by-name": () =>
      Response.json({ experiment: { experiment_id: "5", lifecycle_stage: fake.experimentStage } }),
    "POST mlflow/runs/create": () =>
      Response.json({
        run: { info: { run_id: "run1", artifact_uri: "mlflow-artifacts:/5/run1/artifacts" } },
      }),
    "POST mlflow/runs/log-batch": () => Response.json({}),
    "POST mlflow/runs/outputs": () => Response.json({}),
    "POST mlflow/runs/update": ({ status }) => {
      fake.statuses.push(status);
      return Response.json({ run_info: {} });
    },
    "POST mlflow/logged-models": ({ name }) => {
      if (/[/:.%"']/.test(name)) return refuse("INVALID_PARAMETER_VALUE", "Invalid model name");
      const uri = "mlflow-artifacts:/5/models/m-1/artifacts";
      return Response.json({ model: { info: { model_id: "m-1", artifact_uri: uri } } });
    },
    "PATCH mlflow/logged-models/ID": ({ model_id, status }) => {
      if (model_id !== "m-1") return refuse("INVALID_PARAMETER_VALUE", "Missing model_id");
      fake.statuses.push(status);
      return Response.json({});
    },
    "POST mlflow/registered-models/create": ({ name }) => {
      if (registered.has(name)) return refuse("RESOURCE_ALREADY_EXISTS", "Model exists");
      registered.add(name);
      return Response.json({});
    },
    "GET mlflow/model-versions/search": (_, query) => {
      const wanted = /name='(.*)' AND tags\.`(.*)`='(.*)'/.exec(query.get("filter") ?? "");
      const index = fake.versions.findIndex(({ name, tags }) =>
        name === wanted?.[1] &&
        tags.some(({ key, value }) => key === wanted[2] && value === wanted[3])
      );
      // Like the real one, nothing found is no list at all.
      return Response.json(index < 0 ? {} : { model_versions: [{ version: `${index + 1}` }] });
    },
    "POST mlflow/model-versions/create": ({ name, tags }) => {
      fake.versions.push({ name, tags });
      return Response.json({ model_version: { version: `${fake.versions.length}` } });
    },
    "GET mlflow/registered-models/alias": (_, query) => {
      const version = fake.aliases.get(`${query.get("name")}@${query.get("alias")}`);
      if (version === undefined) {
        return refuse("INVALID_PARAMETER_VALUE", "Registered model alias champion not found.");
      }
      const { tags } = fake.versions[Number(version) - 1]!;
      // Like the real one, an empty list is absent.
      return Response.json({ model_version: { version, ...tags.length > 0 && { tags } } });
    },
    "POST mlflow/model-versions/set-tag": ({ version, key, value }) => {
      fake.versions[Number(version) - 1]!.tags.push({ key, value });
      return Response.json({});
    },
    "POST mlflow/registered-models/alias": ({ name, alias, version }) => {
      fake.aliases.set(`${name}@${alias}`, version);
      return Response.json({});
    },
  };
  return fake;
}

/** A refusal as the server spells it. */
export function refuse(code: string, message: string, status = 400): Response {
  return Response.json({ error_code: code, message }, { status });
}
