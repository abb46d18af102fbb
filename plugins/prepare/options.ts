// The options of `prepare`, and what can be wrong with them before anything runs.
import { type OptionProblem, path, z } from "../../engine/plugin.ts";

const COLOR = /^#[0-9a-f]{6}$/i;
const NONE = "none";

const landClass = z.union([
  z.string().min(1),
  z.strictObject({ name: z.string().min(1), color: z.string().regex(COLOR) }),
]);

const range = z.tuple([z.number(), z.number()]);

export const prepareOptions = z.strictObject({
  images: path("folder").optional().describe("folder of images (.tif, .jpg, .png)"),
  masks: path("folder").optional().describe("folder of masks with the same names as the images"),
  "image-suffix": z.string().default("").describe("end of image names that masks do not have"),
  "mask-suffix": z.string().default("").describe("end of mask names that images do not have"),
  tile: z.int().min(16).max(4096).default(512).describe("edge of a tile, pixels"),
  stride: z.int().min(1).max(4096).optional()
    .describe("pixels from one tile to the next; the tile's edge by default"),
  edge: z.enum(["drop", "pad", "shift"]).default("drop").describe(
    "what becomes of tiles that reach over the edge: left out, filled up, or moved inside",
  ),
  format: z.enum(["auto", "jpg", "png", "tif"]).default("auto")
    .describe("file format of tile images; auto: jpg for 1 or 3 bands, png for 4, else tif"),
  quality: z.int().min(1).max(100).default(95).describe("JPEG quality"),
  classes: z.array(landClass).min(2).max(250)
    .default(["background", "building", "woodland", "water", "road"])
    .describe("names of the classes, or { name, color }; the order gives their numbers"),
  labels: z.record(z.string(), z.string()).optional().describe(
    'class of each mask value or colour, such as { 1: building, "#ff0000": road, 0: none }; ' +
      "without it value i is class i",
  ),
  "mask-band": z.int().min(1).optional()
    .describe("band of the masks that holds the labels, where they have several"),
  bands: z.array(z.int().min(1)).min(1).optional()
    .describe("bands of the images to keep, from 1, in this order; all by default"),
  scale: z.union([range, z.array(range).min(1)]).optional().describe(
    "values that become 0 and 255, for all bands or a list with one pair per band; " +
      "needed for images of more than 8 bits",
  ),
  nodata: z.number().optional()
    .describe("value of pixels without data; what the image says by default"),
  "skip-nodata": z.number().gt(0).max(1).default(1)
    .describe("leaves out tiles with at least this fraction of pixels without data"),
  split: z.enum(["source", "tile"]).default("source").describe(
    "what goes into train, val or test as a whole: source images, or single tiles, which lets " +
      "neighbouring pixels leak from train into test",
  ),
  group: z.string().optional().describe(
    'pattern with one group; images for which it finds the same stay together, such as "^(tile\\d+)_"',
  ),
  lists: path("folder").optional()
    .describe("folder with train.txt, val.txt and test.txt that name the tiles, as LandCover.ai's"),
  fractions: z.strictObject({
    train: z.number().gt(0),
    val: z.number().min(0),
    test: z.number().min(0),
  }).default({ train: 0.7, val: 0.15, test: 0.15 }).describe("relative sizes of the splits"),
  "on-leak": z.enum(["fail", "warn"]).default("fail").describe(
    "whether a source image that is in two splits, by name or by content, ends the step or is a warning",
  ),
  "on-bad-file": z.enum(["fail", "skip"]).default("fail")
    .describe("whether a file that cannot be used ends the step or is left out with a warning"),
});

export type PrepareOptions = z.output<typeof prepareOptions>;

/** Finds problems that concern several options. */
export function checkPrepareOptions(options: PrepareOptions): OptionProblem[] {
  return [...checkFolders(options), ...checkLabels(options), ...checkSplit(options)];
}

function checkFolders({ images, masks }: PrepareOptions): OptionProblem[] {
  if ((images === undefined) === (masks === undefined)) return [];
  const [given, missing] = images === undefined ? ["masks", "images"] : ["images", "masks"];
  return [{
    path: [given],
    message: `It needs option "${missing}", too`,
    hint: `Give both folders, or neither and connect the input "source"`,
  }];
}

function checkLabels({ classes, labels = {} }: PrepareOptions): OptionProblem[] {
  const names = classes.map((entry) => typeof entry === "string" ? entry : entry.name);
  const problems: OptionProblem[] = [];
  names.forEach((name, index) => {
    if (name === NONE) {
      problems.push({ path: ["classes", index], message: `"${NONE}" cannot name a class` });
    } else if (names.indexOf(name) < index) {
      problems.push({ path: ["classes", index], message: `Class "${name}" is named twice` });
    }
  });
  for (const [value, name] of Object.entries(labels)) {
    if (!/^-?\d+$/.test(value) && !COLOR.test(value)) {
      const message = `"${value}" is neither a whole number nor a colour such as "#ff0000"`;
      problems.push({ path: ["labels", value], message });
    }
    if (name !== NONE && !names.includes(name)) {
      const hint = `The classes are ${names.join(", ")}; "${NONE}" means that there is no label`;
      problems.push({ path: ["labels", value], message: `There is no class "${name}"`, hint });
    }
  }
  return problems;
}

function checkSplit({ split, group, lists }: PrepareOptions): OptionProblem[] {
  const problems: OptionProblem[] = [];
  if (group !== undefined && !hasGroup(group)) {
    const message = `"${group}" is not a pattern with a group`;
    problems.push({ path: ["group"], message, hint: 'Put a part in brackets, such as "^(.*)_"' });
  }
  if (lists !== undefined && (group !== undefined || split === "tile")) {
    const message = "They already say which tile goes where";
    problems.push({ path: ["lists"], message, hint: 'Leave out "lists", or "group" and "split"' });
  } else if (group !== undefined && split === "tile") {
    const message = "It keeps images together, but tiles are split singly";
    problems.push({ path: ["group"], message, hint: 'Leave out "group" or "split: tile"' });
  }
  return problems;
}

function hasGroup(pattern: string): boolean {
  try {
    // An empty alternative matches the empty text, and the match lists the pattern's groups.
    return (new RegExp(`${pattern}|`).exec("")?.length ?? 0) > 1;
  } catch {
    return false;
  }
}
