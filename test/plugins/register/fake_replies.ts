// What an MLflow server keeps, and how it spells answers and refusals.

/** A name with a value. */
export interface Tag {
  readonly key: string;
  readonly value: string;
}

/** A point of a metric. */
export interface Point {
  readonly key: string;
  readonly value: number;
  readonly timestamp: number;
  readonly step: number;
  readonly model_id?: string;
}

/** A run as the server keeps it. */
export interface FakeRun {
  readonly id: string;
  readonly experiment: string;
  readonly name: string;
  readonly tags: Map<string, string>;
  readonly params: Map<string, string>;
  /** Equal points are one. */
  readonly metrics: Map<string, Point>;
  readonly datasets: Set<string>;
  readonly models: Set<string>;
  status: string;
}

/** A logged model. */
export interface FakeModel {
  readonly id: string;
  readonly name: string;
  readonly run: string;
  readonly tags: Map<string, string>;
  status: string;
}

/** A version of a registered model. */
export interface FakeVersion {
  readonly name: string;
  readonly version: string;
  readonly model: string;
  readonly description: string;
  readonly tags: Map<string, string>;
}

/** What a route answers. */
export type Reply = { readonly json: unknown } | { readonly response: Response };

/** A run as replies name it. */
export function infoOf({ id, experiment }: FakeRun): unknown {
  const artifact_uri = `mlflow-artifacts:/${experiment}/${id}/artifacts`;
  return { run_id: id, experiment_id: experiment, artifact_uri };
}

/** A logged model as replies name it. */
export function modelInfoOf({ id, name, tags }: FakeModel): unknown {
  return {
    model_id: id,
    name,
    artifact_uri: `mlflow-artifacts:/5/models/${id}/artifacts`,
    tags: [...tags].map(([key, value]) => ({ key, value })),
  };
}

/** Says whether tags are as a filter wants them. */
export function hasTags(tags: ReadonlyMap<string, string>, filter: string): boolean {
  const wanted = filter.matchAll(/tags\.`(.*?)` = '(.*?)'/g);
  return [...wanted].every(([, key, value]) => tags.get(key!) === value);
}

/** A refusal as the server spells it. */
export function refuse(
  code: string,
  message: string,
  status = 400,
): { readonly response: Response } {
  return { response: Response.json({ error_code: code, message }, { status }) };
}
