// An example of a plugin: the area of each class in a folder of masks, as a table.
import { definePlugin, StepError, z } from "cairn/plugin";
import { fromArrayBuffer } from "geotiff";

export const plugin = definePlugin({
  name: "class-areas",
  kind: "other",
  description: "Adds up the area of each class value in GeoTIFF masks",
  version: 1,
  config: z.strictObject({
    unit: z.enum(["m2", "ha", "km2"]).default("ha").describe("unit of the areas"),
  }),
  inputs: { images: { type: "images", description: "photographs with masks" } },
  outputs: { table: { type: "table", description: "areas.csv: one line per class value" } },
  async run({ config, inputs, outputs, progress, log }): Promise<void> {
    const folder = `${inputs.images.path}/masks`;
    const names = [...Deno.readDirSync(folder)].map((entry) => entry.name).sort();
    if (names.length === 0) throw new StepError(`No masks in "${folder}"`);
    const squareMeters = new Map<number, number>();
    for (const [done, name] of names.entries()) {
      const { buffer } = await Deno.readFile(`${folder}/${name}`);
      const image = await (await fromArrayBuffer(buffer)).getImage();
      const [width = 1, height = 1] = image.getResolution();
      const [values] = await image.readRasters();
      if (typeof values === "number" || values === undefined) {
        throw new StepError(`"${name}" is empty`);
      }
      for (const value of values) {
        squareMeters.set(value, (squareMeters.get(value) ?? 0) + Math.abs(width * height));
      }
      progress(done + 1, names.length, "masks");
    }
    const perUnit = { m2: 1, ha: 1e4, km2: 1e6 }[config.unit];
    const lines = [...squareMeters].sort(([a], [b]) => a - b)
      .map(([value, area]) => `${value},${(area / perUnit).toFixed(3)}`);
    await Deno.writeTextFile(
      `${outputs.table}/areas.csv`,
      `class,${config.unit}\n${lines.join("\n")}\n`,
    );
    log(`added up ${names.length} masks`);
  },
});
