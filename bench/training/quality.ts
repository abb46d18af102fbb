// Trains in PyTorch what bench/training/quality.yaml has trained, and shows both test scores. Run that first, then:
// CAIRN_PYTHON=/path/to/python deno run -A bench/training/quality.ts [FOLDER] [THREADS] [EPOCHS] [BASE]
// where FOLDER is what the workflow has published, `out/quality`. The Python needs torch and numpy.
import { layoutOf } from "../../plugins/nn/design.ts";
import { unet } from "../../plugins/nn/unet.ts";
import { initialWeights } from "../../plugins/nn/weights.ts";
import { meanOfKnown } from "../../plugins/scores/confusion.ts";
import { readManifest, type Tile, type TilesManifest } from "../../plugins/tiles/manifest.ts";
import { measureNormalisation } from "../../plugins/train/data/normalisation.ts";
import { chooseTiles } from "../../plugins/train/data/tile_sets.ts";
import { TileSource } from "../../plugins/train/data/tile_source.ts";
import { planEpoch } from "../../plugins/train/data/views.ts";

/** As the workflow says, or as `train` has it where that says nothing. */
const [BATCH, DEPTH, RATE, SEED] = [4, 4, 0.001, 0];
const FLIPS = { flip: true, turn: false, light: false, crop: false };

type Ious = readonly (number | null)[];

async function main(
  folder = "out/quality",
  threads = "2",
  epochs = "30",
  base = "32",
): Promise<void> {
  const python = Deno.env.get("CAIRN_PYTHON");
  if (python === undefined) throw new Error("CAIRN_PYTHON names no Python");
  const manifest = await readManifest(`${folder}/tiles`);
  const job = await Deno.makeTempDir();
  try {
    await writeJob(job, `${folder}/tiles`, {
      manifest,
      epochs: Number(epochs),
      base: Number(base),
    });
    const script = decodeURIComponent(new URL("fit.py", import.meta.url).pathname);
    const { success, stdout } = await new Deno.Command(python, {
      args: ["-B", script, job, threads],
      stderr: "inherit",
    }).output();
    if (!success) throw new Error(`${python} failed`);
    const theirs: Ious = JSON.parse(new TextDecoder().decode(stdout));
    await show(manifest, await ourScores(folder), theirs);
  } finally {
    await Deno.remove(job, { recursive: true });
  }
}

/** Writes for fit.py what the plugin `train` makes of the tiles: pixels, order, flips, first weights. */
async function writeJob(
  job: string,
  tilesFolder: string,
  { manifest, epochs, base }: {
    readonly manifest: TilesManifest;
    readonly epochs: number;
    readonly base: number;
  },
): Promise<void> {
  const { tile, bands, tiles, classes } = manifest;
  const sets = chooseTiles(manifest, { depth: DEPTH, warn: () => {} });
  const source = new TileSource(tilesFolder, manifest, Infinity);
  const options = { batch: BATCH, seed: SEED, augment: FLIPS };
  const plan = Array.from(
    { length: epochs },
    (_, index) => planEpoch(sets.train, { ...options, epoch: index + 1 }),
  );
  const at = (wanted: Tile): number => tiles.indexOf(wanted);
  const layout = layoutOf(unet, {
    name: unet.name,
    base,
    depth: DEPTH,
    bands,
    classes: classes.length,
  });
  const start = initialWeights(layout, SEED).parameters;
  const normalisation = await measureNormalisation(
    source,
    sets.train,
    new AbortController().signal,
  );
  const facts = {
    ...normalisation,
    tile,
    bands,
    classes: classes.length,
    base,
    depth: DEPTH,
    batch: BATCH,
    rate: RATE,
    epochs: plan.map((epoch) =>
      epoch.map((views) => views.map((view) => ({ ...view, tile: at(view.tile) })))
    ),
    val: sets.val.map(at),
    test: tiles.filter(({ split }) => split === "test").map(at),
    weights: layout.parameters.map(({ name, shape }) => [name, shape]),
    length: start.length,
  };
  const loaded = await Promise.all(tiles.map((each) => source.load(each)));
  await Deno.writeTextFile(`${job}/job.json`, JSON.stringify(facts));
  await Deno.writeFile(`${job}/start`, new Uint8Array(start.buffer));
  await Deno.writeFile(`${job}/pixels`, joined(loaded.map(({ pixels }) => pixels)));
  await Deno.writeFile(`${job}/masks`, joined(loaded.map(({ mask }) => mask)));
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

async function ourScores(folder: string): Promise<Ious> {
  const scores = JSON.parse(await Deno.readTextFile(`${folder}/scores/metrics.json`));
  return scores.classes.map(({ iou }: { readonly iou: number | null }) => iou);
}

async function show({ classes }: TilesManifest, ours: Ious, theirs: Ious): Promise<void> {
  const percent = (value: number | null): string => value === null ? "–" : (100 * value).toFixed(1);
  const rows = [
    ["IoU on the test split, %", "cairn", "PyTorch"],
    ["---", "---", "---"],
    ...classes.map(({ name }, index) => [name, percent(ours[index]!), percent(theirs[index]!)]),
    ["mean", percent(meanOfKnown(ours)), percent(meanOfKnown(theirs))],
  ];
  const text = rows.map((row) => `| ${row.join(" | ")} |\n`).join("");
  await Deno.stdout.write(new TextEncoder().encode(text));
}

await main(...Deno.args);
