// The step itself: pairs of files in; tiles, their manifest and the lists of the splits out.
import {
  type InputArtifact,
  type Port,
  type Ports,
  type StepContext,
  StepError,
} from "../../engine/plugin.ts";
import { seededRandom } from "../random.ts";
import { type Split, type Tile, type TilesManifest, writeManifest } from "../tiles/manifest.ts";
import { type CutSettings, type CutSource, cutSource } from "./cut/cut_source.ts";
import { landClasses } from "./cut/labels.ts";
import { leakProblem } from "./leaks.ts";
import type { PrepareOptions } from "./options.ts";
import { findPairs, type Pair, type PairFolders } from "./pairs.ts";
import { divide, groupOf, readLists, SPLITS } from "./split.ts";
import { formatChoice } from "./write/tile_format.ts";

type Context =
  & Pick<
    StepContext<PrepareOptions, Ports, { tiles: Port }>,
    "config" | "outputs" | "scratch" | "lease" | "seed" | "signal" | "log" | "warn" | "progress"
  >
  & { readonly inputs: { readonly source: InputArtifact | undefined } };

type SplitOf = ReadonlyMap<string, Split>;

/** Fills the tiles output; throws StepError where the options and the files do not fit. */
export async function prepare(context: Context): Promise<void> {
  const { config, outputs } = context;
  const lists = config.lists === undefined ? undefined : await readLists(config.lists);
  const { pairs, problems } = await findPairs(pairFolders(context));
  for (const problem of problems) reportBadFile(context, problem);
  const { group } = config;
  if (group !== undefined) pairs.forEach(({ file }) => groupOf(file, group));
  const format = formatChoice(config);
  await Deno.mkdir(`${outputs.tiles}/images`);
  await Deno.mkdir(`${outputs.tiles}/masks`);
  const sources = await cutAll(context, pairs, {
    options: config,
    folder: outputs.tiles,
    scratch: context.scratch,
    // Twice as many as processors, so that none waits while the next row is labelled.
    lanes: 2 * context.lease.cpus,
    wanted: lists && new Set(lists.keys()),
    signal: context.signal,
    formatFor: format.of,
  });
  const splits = lists ?? divideTiles(context, sources);
  const tiles = sources.flatMap((cut, source) =>
    cut.tiles.map((tile): Tile => ({ ...tile, source, split: splits.get(tile.name) ?? "train" }))
  );
  if (tiles.length === 0) throw noTiles(config, sources);
  if (config.split === "source") await guardSplits(context, pairs, { sources, tiles });
  const manifest: TilesManifest = {
    format: "cairn-tiles/1",
    tile: config.tile,
    ...format.chosen(),
    classes: landClasses(config.classes),
    sources: sources.map(({ source }) => source),
    tiles,
  };
  await writeManifest(outputs.tiles, manifest);
  await writeLists(outputs.tiles, tiles);
  summarise(context, manifest, sources);
  if (lists !== undefined) warnOfMissing(context, lists, tiles);
}

function pairFolders({ config, inputs }: Context): PairFolders {
  const suffixes = { imageSuffix: config["image-suffix"], maskSuffix: config["mask-suffix"] };
  const { images, masks } = config;
  const { source } = inputs;
  if (images !== undefined && masks !== undefined) {
    if (source === undefined) return { images, masks, ...suffixes };
    throw new StepError('Both the input "source" and the folders "images" and "masks" are given', {
      hint: "Leave out one of them",
    });
  }
  if (source !== undefined) {
    return { images: `${source.path}/images`, masks: `${source.path}/masks`, ...suffixes };
  }
  throw new StepError("There is nothing to cut into tiles", {
    hint: 'Give the folders "images" and "masks", or connect the input "source"',
  });
}

function reportBadFile({ config, warn }: Context, problem: unknown): void {
  if (!(problem instanceof StepError) || config["on-bad-file"] === "fail") throw problem;
  warn(`Left out: ${problem.message}`);
}

async function cutAll(
  context: Context,
  pairs: readonly Pair[],
  settings: Omit<CutSettings, "onProgress">,
): Promise<CutSource[]> {
  const sources: CutSource[] = [];
  for (const [index, pair] of pairs.entries()) {
    context.signal.throwIfAborted();
    const onProgress = (part: number): void =>
      context.progress(Math.floor((index + part) * 100) / 100, pairs.length, "images");
    try {
      sources.push(await cutSource(pair, { ...settings, onProgress }));
    } catch (problem) {
      reportBadFile(context, problem);
    }
  }
  return sources;
}

function divideTiles({ config, seed }: Context, sources: readonly CutSource[]): SplitOf {
  const { group, fractions, split } = config;
  const unitOf = new Map<string, string>();
  const units = new Map<string, number>();
  for (const { source, tiles } of sources) {
    const whole = group === undefined ? source.name : groupOf(source.name, group);
    for (const { name } of tiles) {
      const unit = split === "tile" ? name : whole;
      unitOf.set(name, unit);
      units.set(unit, (units.get(unit) ?? 0) + 1);
    }
  }
  const splits = divide(units, fractions, seededRandom(seed));
  return new Map([...unitOf].map(([tile, unit]) => [tile, splits.get(unit) ?? "train"]));
}

/** Refuses, or warns of, images that are in two splits. */
async function guardSplits(
  { config, warn }: Context,
  pairs: readonly Pair[],
  cut: { readonly sources: readonly CutSource[]; readonly tiles: readonly Tile[] },
): Promise<void> {
  const paths = new Map(pairs.map(({ file, image }) => [file, image]));
  const divided = cut.sources.map(({ source: { name } }) => ({
    name,
    path: paths.get(name) ?? "",
    splits: new Set<Split>(),
  }));
  for (const { source, split } of cut.tiles) divided[source]?.splits.add(split);
  const problem = await leakProblem(divided.filter(({ splits }) => splits.size > 0));
  if (problem === undefined) return;
  if (config["on-leak"] === "fail") throw problem;
  warn(problem.message);
}

async function writeLists(folder: string, tiles: readonly Tile[]): Promise<void> {
  for (const split of SPLITS) {
    const names = tiles.filter((tile) => tile.split === split).map(({ name }) => `${name}\n`);
    await Deno.writeTextFile(`${folder}/${split}.txt`, names.join(""));
  }
}

function summarise(
  { log, warn, config }: Context,
  { tiles }: TilesManifest,
  sources: CutSource[],
): void {
  const counts = SPLITS.map((split) => tiles.filter((tile) => tile.split === split).length);
  const empty = sources.reduce((sum, source) => sum + source.empty, 0);
  const parts = SPLITS.map((split, index) => `${counts[index]} ${split}`).join(", ");
  log(
    `${tiles.length} tiles of ${sources.length} images: ${parts}; ${empty} without data left out`,
  );
  SPLITS.forEach((split, index) => {
    if (counts[index] === 0 && config.fractions[split] > 0) {
      warn(`The ${split} split is empty: there are too few images to divide`);
    }
  });
}

function warnOfMissing({ warn }: Context, lists: SplitOf, tiles: readonly Tile[]): void {
  const made = new Set(tiles.map(({ name }) => name));
  const missing = [...lists.keys()].filter((name) => !made.has(name));
  if (missing.length === 0) return;
  warn(`${missing.length} listed tiles do not exist, for instance "${missing[0]}"`);
}

function noTiles({ tile, edge }: PrepareOptions, sources: readonly CutSource[]): StepError {
  const [first] = sources;
  if (first === undefined) {
    return new StepError("No image could be used", { hint: "The warnings above say why" });
  }
  const { name, width, height } = first.source;
  return new StepError(`No tile came out of ${sources.length} images`, {
    hint: `Tiles have ${tile} px and edge is "${edge}"; "${name}" has ${width}x${height} pixels, ` +
      `and ${first.empty} of its tiles have no data or no label`,
  });
}
