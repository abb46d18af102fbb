// Maps as GDAL sees them, where it is installed.
import assert from "node:assert/strict";
import { NO_LABEL } from "../../../plugins/tiles/manifest.ts";
import { makeFolder, makePicture, predict, RESOLUTION } from "./support.ts";

async function hasGdal(): Promise<boolean> {
  try {
    return (await new Deno.Command("gdalinfo", { args: ["--version"] }).output()).success;
  } catch {
    return false;
  }
}

const gdal = await hasGdal();

interface GdalInfo {
  readonly geoTransform: readonly number[];
  readonly stac: { readonly "proj:epsg": number };
  readonly bands: readonly {
    readonly type: string;
    readonly block: readonly number[];
    readonly description?: string;
    readonly scale?: number;
    readonly noDataValue: number;
    readonly overviews: readonly { readonly size: readonly number[] }[];
  }[];
}

async function gdalInfo(path: string): Promise<GdalInfo> {
  const { stdout, success, stderr } = await new Deno.Command("gdalinfo", {
    args: ["-json", "-checksum", path],
  }).output();
  assert.ok(success);
  assert.doesNotMatch(new TextDecoder().decode(stderr), /error|warning/i);
  return JSON.parse(new TextDecoder().decode(stdout)) as GdalInfo; // GDAL's documented form
}

Deno.test({
  name: "GDAL reads maps and probabilities with place, overviews, names and scale" +
    (gdal ? "" : " (there is no gdalinfo here)"),
  ignore: !gdal,
  async fn(): Promise<void> {
    await using folder = await makeFolder();
    const images = await folder.write("photo", makePicture(600, 300));
    await using run = await predict(folder, { images, probabilities: true });
    const map = await gdalInfo(`${run.outputs["maps"]}/photo.tif`);
    assert.equal(map.stac["proj:epsg"], 2180);
    assert.deepEqual(map.geoTransform, [500_000, RESOLUTION, 0, 300_000, 0, -RESOLUTION]);
    assert.deepEqual(map.bands.map(({ type, block, noDataValue }) => [type, block, noDataValue]), [
      ["Byte", [256, 256], NO_LABEL],
    ]);
    assert.deepEqual(map.bands[0]!.overviews.map(({ size }) => size), [[300, 150], [150, 75]]);
    const { bands } = await gdalInfo(`${run.outputs["maps"]}/photo_probabilities.tif`);
    assert.deepEqual(bands.map(({ description }) => description), ["field", "woodland", "water"]);
    assert.ok(bands.every(({ scale, overviews }) => scale === 0.004 && overviews.length === 2));
  },
});
