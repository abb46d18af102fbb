// A forecast as text: a line per step with their sum, or one step field by field.
import type { Value } from "../../cache/content/digest.ts";
import type { Difference } from "../../cache/recipe/fingerprint.ts";
import type { StepForecast } from "../../run/forecast/forecast.ts";
import type { ForecastCost, ForecastTotal } from "../../run/forecast/forecast_total.ts";
import { byteSize, duration, table } from "./words.ts";

const FATES: Readonly<Record<StepForecast["fate"], string>> = {
  reused: "is reused",
  runs: "will run",
  unsure: "may run",
  skipped: "is skipped",
  fails: "will fail",
};

/** A line per step: its fate, what it took and made last, and why. */
export function forecastTable(forecasts: readonly StepForecast[]): string {
  const size = (bytes: number | undefined): string => bytes === undefined ? "" : byteSize(bytes);
  // Only steps that took a while have a known peak.
  const hasPeaks = forecasts.some(({ lastPeakMemoryBytes }) => lastPeakMemoryBytes !== undefined);
  const rows = forecasts.map((forecast) => {
    const { step, fate, reason, lastDurationMs: ms, lastSizeBytes, lastPeakMemoryBytes } = forecast;
    const empty = hasPeaks ? ["", "", ""] : ["", ""];
    if (fate === "skipped") return [step, FATES[fate], ...empty, reason];
    const time = ms === undefined ? "" : `${fate === "reused" ? "saves " : ""}${duration(ms)}`;
    const peak = hasPeaks ? [size(lastPeakMemoryBytes)] : [];
    return [step, FATES[fate], time, size(lastSizeBytes), ...peak, reason];
  });
  const head = ["step", "fate", "time", "size", ...(hasPeaks ? ["memory"] : []), "because"];
  return table([head, ...rows]);
}

/** Such as "4 reused, 2 will run: about 12 min 0 s, 340.0 MB; 1 may run: up to 3.0 s, 10 B more; saves 31 min 0 s". */
export function totalLine({ reused, runs, unsure, skipped, fails }: ForecastTotal): string {
  const more = costWords(unsure, "up to");
  return [
    `${reused.steps} reused, ${runs.steps} will run${costWords(runs, "about")}`,
    ...(unsure.steps === 0 ? [] : [`${unsure.steps} may run${more === "" ? "" : `${more} more`}`]),
    ...(skipped.steps === 0 ? [] : [`${skipped.steps} skipped`]),
    ...(fails.steps === 0 ? [] : [`${fails.steps} will fail`]),
    ...(reused.durationMs === 0 ? [] : [`saves ${duration(reused.durationMs)}`]),
  ].join("; ");
}

function costWords(cost: ForecastCost, exactly: string): string {
  if (cost.steps === cost.unknown) return "";
  const words = `${duration(cost.durationMs)}, ${byteSize(cost.sizeBytes)}`;
  return `: ${cost.unknown === 0 ? exactly : "at least"} ${words}`;
}

/** One step: its fate, what it will take, and every field that changed or did not since its last result. */
export function stepDetails(forecast: StepForecast): string {
  const { step, fate, reason, pending, comparedWith } = forecast;
  const { differences, same, lastDurationMs, lastSizeBytes } = forecast;
  const { lastPeakMemoryBytes: took, keptMemoryBytes: kept } = forecast;
  const cost = [
    ...(lastDurationMs === undefined ? [] : [duration(lastDurationMs)]),
    ...(lastSizeBytes === undefined ? [] : [byteSize(lastSizeBytes)]),
  ].join(", ");
  const lines = [`${step} ${FATES[fate]}, because ${reason}`];
  if (fate === "skipped") return `${lines[0]}\n`; // it will take nothing
  if (cost !== "") {
    lines.push(`${fate === "reused" ? "saves" : "expected, as last time:"} ${cost}`);
  }
  if (took !== undefined && kept !== undefined) {
    lines.push(
      `memory: took up to ${byteSize(took)} last time, ${byteSize(kept)} are kept for it`,
    );
  }
  if (comparedWith === undefined) return `${lines.join("\n")}\n`;
  lines.push("", `compared with its last result, of run ${comparedWith}`);
  const rows = [
    ...differences.map(changedRow),
    ...pending.map((port) => [`  input ${port}`, "not made yet"]),
    ...sameRows(same),
  ];
  return `${lines.join("\n")}\n${table(rows)}`;
}

function changedRow({ field, before, after }: Difference): readonly string[] {
  const [from, to] = excerpts(shown(before), shown(after));
  return [`  ${fieldName(field)}`, `${from} → ${to}`];
}

const MOST_NAMES = 6;

/** Fields that stayed the same: a line for each input and file, and one for each kind of the many others. */
function sameRows(same: readonly (readonly string[])[]): readonly (readonly string[])[] {
  const isContent = ([part]: readonly string[]): boolean => part === "inputs" || part === "paths";
  const groups = Map.groupBy(same.filter((field) => !isContent(field)), groupName);
  return [
    ...same.filter(isContent).map((field) => [`  ${fieldName(field)}`, "same"]),
    ...[...groups].map(([group, fields]) => {
      const names = fields.map((field) => fieldName(field).replace(GROUP_PREFIX, ""));
      const more = names.length > MOST_NAMES ? ` and ${names.length - MOST_NAMES} more` : "";
      return [`  ${group}`, `same: ${names.slice(0, MOST_NAMES).join(", ")}${more}`];
    }),
  ];
}

const GROUP_PREFIX = /^(with\.|package |plugin file |variable )/;

function groupName([part, kind, name = ""]: readonly string[]): string {
  if (part === "config") return "options";
  if (part === "env") return "variables";
  if (part === "plugin" && kind === "code") {
    return name.startsWith("npm:") ? "packages" : "plugin files";
  }
  return "other fields";
}

/** A field as people write it: `with.lr`, `input tiles`, `plugin file augment.ts`. */
export function fieldName(field: readonly string[]): string {
  const [part, ...rest] = field;
  const name = rest.join(".");
  switch (part) {
    case "config":
      return `with.${name}`;
    case "paths":
      return `file of with.${name}`;
    case "inputs":
      return `input ${name}`;
    case "outputs":
      return `output ${name}`;
    case "env":
      return `variable ${name}`;
    case "secrets":
      return `secret ${name}`;
    case "seed":
      return "seed";
    case "platform":
      return name;
    default: {
      const module = rest.slice(1).join(".");
      if (rest[0] !== "code") return `plugin ${name}`;
      return module.startsWith("npm:")
        ? `package ${module.slice("npm:".length)}`
        : `plugin file ${module}`;
    }
  }
}

function shown(value: Value | undefined): string {
  if (value === undefined) return "nothing";
  if (typeof value === "string" && /^sha256:[0-9a-f]{64}$/.test(value)) return value.slice(0, 15);
  return JSON.stringify(value);
}

const LONGEST = 48;
const KEPT_BEFORE = 12;

/** Cuts two texts to where they differ. */
function excerpts(before: string, after: string): readonly [string, string] {
  let at = 0;
  while (at < before.length && before[at] === after[at]) at++;
  const cut = (text: string): string => {
    if (text.length <= LONGEST) return text;
    const from = Math.max(0, Math.min(at - KEPT_BEFORE, text.length - LONGEST));
    const part = text.slice(from, from + LONGEST);
    return `${from > 0 ? "…" : ""}${part}${from + LONGEST < text.length ? "…" : ""}`;
  };
  return [cut(before), cut(after)];
}
