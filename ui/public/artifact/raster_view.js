// @ts-check
/// <reference lib="dom" />
// A GeoTIFF as a picture, with where it lies.
import { ask } from "../api.js";
import { h } from "../dom.js";
import { count } from "../words.js";

/** @typedef {import("../../artifacts/raster_preview.ts").RasterPreview} RasterPreview */

/**
 * Shows a GeoTIFF of an artifact, or why it cannot be shown.
 * @param {{ tree: string, signal: AbortSignal }} artifact
 * @param {string} path
 */
export async function rasterView({ tree, signal }, path) {
  const parts = path.split("/").map(encodeURIComponent).join("/");
  try {
    const raster = await ask(`/api/artifacts/${tree}/preview/${parts}`, signal);
    return h(
      "div",
      { class: "raster" },
      h("img", { src: `data:image/png;base64,${raster.png}`, alt: path }),
      h("dl", { class: "facts" }, factsOf(raster)),
    );
  } catch (error) {
    if (signal.aborted) throw error;
    return h("p", { class: "warning" }, error instanceof Error ? error.message : String(error));
  }
}

/** @param {RasterPreview} raster */
function factsOf({ width, height, bands, samples, crs, extent, pixel, noData, colors }) {
  const [west, south, east, north] = extent ?? [];
  return [
    fact("Coordinate system", crs ?? "not known"),
    extent === null && fact("Extent", "it lies nowhere: the file has no place"),
    extent !== null && fact("West – east", `${coordinate(west)} – ${coordinate(east)}`),
    extent !== null && fact("South – north", `${coordinate(south)} – ${coordinate(north)}`),
    pixel !== null && fact("Pixel", pixel.map(coordinate).join(" × ")),
    fact("Size", `${width} × ${height} pixels`),
    fact("Values", `${count(bands, "band")} of ${samples}`),
    noData !== null && fact("No data", String(noData)),
    fact("Shown", colors),
  ];
}

/** @param {number | undefined} value */
function coordinate(value = NaN) {
  return value.toLocaleString("en", { maximumFractionDigits: Math.abs(value) < 1000 ? 6 : 2 });
}

/**
 * @param {string} name
 * @param {string} value
 */
function fact(name, value) {
  return h("div", {}, h("dt", {}, name), h("dd", {}, value));
}
