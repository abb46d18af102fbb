// GeoTIFFs of artifacts as the page asks for them, each drawn in a process of its own.
import assert from "node:assert/strict";
import { encodeGeoTiff } from "../../../plugins/geo/write_geotiff.ts";
import type { RasterPreview } from "../../../ui/artifacts/raster_preview.ts";
import type { StepPage } from "../../../ui/views/step_view.ts";
import { commandStep, workflowOf } from "../../support/rig.ts";
import { serveProject } from "../served_project.ts";

Deno.test("a GeoTIFF is drawn with its system and extent; what is none is a message", async () => {
  await using served = await serveProject("");
  const { project } = served;
  const place = { epsg: 32633, origin: [400_000, 5_000_000], resolution: 10 } as const;
  const data = new Uint8Array(4 * 3 * 3).fill(99);
  await Deno.writeFile(
    project.path("map.tif"),
    encodeGeoTiff({ width: 4, height: 3, bands: 3, data, ...place }),
  );
  const script = `cp ${project.path("map.tif")} outputs/out; echo no > outputs/out/broken.tif`;
  await project.write("workflow.yaml", workflowOf([commandStep("a", script)]));
  await project.run();
  const { runs } = await served.json<{ runs: readonly { run: string }[] }>("/api/runs");
  const { outputs } = await served.json<StepPage>(`/api/runs/${runs[0]?.run}/steps/a`);
  const path = `/api/artifacts/${outputs[0]?.tree?.slice("sha256:".length)}/preview`;
  const { crs, extent, png } = await served.json<RasterPreview>(`${path}/map.tif`);
  assert.equal(crs, "EPSG:32633");
  assert.deepEqual(extent, [400_000, 4_999_970, 400_040, 5_000_000]);
  assert.match(png, /^iVBORw0KGgo/);
  const broken = await served.get(`${path}/broken.tif`);
  assert.equal(broken.status, 422);
  assert.match(
    (await broken.json()).message,
    /^Cannot read "broken.tif": the file is too short to be a TIFF/,
  );
  assert.equal((await served.get(`${path}/none.tif`)).status, 404);
});
