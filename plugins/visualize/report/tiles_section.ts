// The report's pictures: image, truth, prediction and errors of the chosen tiles.
import type { LandClass } from "../../tiles/manifest.ts";
import type { TileScore } from "../../scores/scores.ts";
import type { Choice, Pick } from "../choose_tiles.ts";
import { type Picture, wrongColor } from "../panels/pictures.ts";
import { Html, html } from "./html.ts";
import { percent, score, swatch } from "./scores_sections.ts";

/** A chosen tile with its scores and pictures. */
export interface ReportPanel {
  readonly choice: Choice;
  readonly score: TileScore;
  /** Encoded as WebP. */
  readonly images: readonly { readonly name: Picture["name"]; readonly webp: Uint8Array }[];
}

const headings: Readonly<Record<Pick, string>> = {
  best: "Best tiles",
  worst: "Worst tiles",
  random: "Random tiles",
};

/** All panels under one legend, a heading for each pick. */
export function tilesSection(panels: readonly ReportPanel[], classes: readonly LandClass[]): Html {
  const picks = [...new Set(panels.map(({ choice }) => choice.pick))];
  const groups = picks.map((pick) => {
    const chosen = panels.filter(({ choice }) => choice.pick === pick).map(panelFigure);
    return html`<h3>${headings[pick]}</h3>${chosen}`;
  });
  const entries = [...classes, { name: "wrong", color: wrongColor }].map(({ name, color }) =>
    html`<li>${swatch(color)}${name}</li>`
  );
  return html`<section><h2>Tiles</h2>
<ul class="legend">${entries}<li><span class="swatch hatched"></span>no label</li></ul>
${groups}</section>`;
}

function panelFigure({ choice, score: tile, images }: ReportPanel): Html {
  const pictures = images.map(({ name, webp }) =>
    html`
      <div
        class="picture"><p>${name}</p><img alt="${name} of tile ${choice
          .name}" src="data:image/webp;base64,${webp.toBase64()}"></div>
    `
  );
  return html`
    <figure class="panel">
      <div class="row">${pictures}</div>
      <figcaption>${choice.name} · mean IoU ${score(
        tile.meanIou,
      )} · accuracy ${tile.accuracy === null ? "–" : percent(tile.accuracy)}</figcaption>
    </figure>
  `;
}
