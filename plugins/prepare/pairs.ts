// Finds the images and the mask that belongs to each, by name.
import { join, parse } from "node:path";
import { StepError } from "../../engine/plugin.ts";
import { RASTER_EXTENSIONS } from "../geo/raster.ts";

/** An image and its mask. */
export interface Pair {
  /** Name of the image's file in its folder. */
  readonly file: string;
  /** Name without extension and suffix; tiles are named after it. */
  readonly name: string;
  readonly image: string;
  readonly mask: string;
}

/** Where to look, and what the names end in. */
export interface PairFolders {
  readonly images: string;
  readonly masks: string;
  readonly imageSuffix: string;
  readonly maskSuffix: string;
}

/** Pairs found, sorted by name, and a problem for each image that cannot be paired. */
export interface Pairing {
  readonly pairs: readonly Pair[];
  readonly problems: readonly StepError[];
}

/** Pairs the files of two folders; throws StepError where a folder cannot be read or has no images. */
export async function findPairs(folders: PairFolders): Promise<Pairing> {
  const images = await listRasters(folders.images, folders.imageSuffix);
  const masks = await listRasters(folders.masks, folders.maskSuffix);
  if (images.length === 0) throw noImages(folders);
  const pairs: Pair[] = [];
  const problems: StepError[] = [];
  images.forEach(({ name, file }, index) => {
    const mask = masks.find((candidate) => candidate.name === name);
    const image = join(folders.images, file);
    if (images[index - 1]?.name === name) {
      const hint = "Rename one of them: tiles are named after the image";
      problems.push(
        new StepError(`Two images are named "${name}" in "${folders.images}"`, { hint }),
      );
    } else if (mask === undefined) {
      problems.push(noMask(image, name, folders));
    } else {
      pairs.push({ file, name, image, mask: join(folders.masks, mask.file) });
    }
  });
  return { pairs, problems };
}

async function listRasters(
  folder: string,
  suffix: string,
): Promise<{ readonly name: string; readonly file: string }[]> {
  const rasters: { name: string; file: string }[] = [];
  try {
    for await (const { name: file, isDirectory } of Deno.readDir(folder)) {
      const { name, ext } = parse(file);
      if (isDirectory || !RASTER_EXTENSIONS.includes(ext.toLowerCase())) continue;
      if (!name.endsWith(suffix)) continue;
      rasters.push({ file, name: name.slice(0, name.length - suffix.length) });
    }
  } catch (cause) {
    const hint = "Check the path; it is taken relative to the project's folder";
    throw new StepError(`Cannot list the folder "${folder}"`, { hint, cause });
  }
  return rasters.sort((a, b) => a.file < b.file ? -1 : 1);
}

function noImages({ images, imageSuffix }: PairFolders): StepError {
  const named = imageSuffix === "" ? "" : ` whose name ends in "${imageSuffix}"`;
  return new StepError(`There is no image${named} in "${images}"`, {
    hint: `Images are files that end in ${RASTER_EXTENSIONS.join(", ")}`,
  });
}

function noMask(image: string, name: string, { masks, maskSuffix }: PairFolders): StepError {
  return new StepError(
    `There is no mask for "${image}": "${masks}" has no "${name}${maskSuffix}"`,
    {
      hint:
        'Masks have the name of their image; "image-suffix" and "mask-suffix" name what differs',
    },
  );
}
