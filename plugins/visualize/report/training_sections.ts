// The report's account of the training: learning curves and facts from the model's card.
import { textLabel } from "../../draw/label.ts";
import { svgDocument } from "../../draw/svg.ts";
import type { History, ModelCard } from "../../nn/model_artifact.ts";
import { chartSize, learningCurves } from "../curves.ts";
import { Html, html } from "./html.ts";
import { score, whole } from "./scores_sections.ts";

/** Both learning curves, in the colours of the page. */
export function curvesSection(history: History, card: ModelCard): Html {
  const charts = learningCurves(history, card.training.bestEpoch, {
    label: textLabel,
    ink: "var(--ink)",
    muted: "var(--muted)",
    grid: "var(--rule)",
    lines: ["var(--accent)", "var(--second)"],
  });
  const drawn = charts.map((chart) => new Html(svgDocument(chartSize, [chart])));
  return html`
    <section>
      <h2>Learning curves</h2>
      <div class="charts">${drawn}</div>
    </section>
  `;
}

/** How the model was made. */
export function factsSection(card: ModelCard): Html {
  const { architecture, training } = card;
  const facts = [
    ["Architecture", `U-Net, base ${architecture.base}, depth ${architecture.depth}`],
    ["Parameters", whole(training.parameters)],
    ["Bands", architecture.bands],
    ["Tile", `${card.tile} × ${card.tile} px`],
    ["Training tiles", whole(training.trainTiles)],
    ["Validation tiles", whole(training.valTiles)],
    ["Epochs", `${training.epochs}, best ${training.bestEpoch}`],
    ["Validation mean IoU", score(training.meanIou)],
    ["Validation loss", score(training.loss)],
    ["Device", training.device],
    ["Precision", training.precision],
    ["Seed", training.seed],
  ] as const;
  const rows = facts.map(([name, value]) =>
    html`
      <div>
        <dt>${name}</dt>
        <dd>${value}</dd>
      </div>
    `
  );
  return html`
    <section>
      <h2>Training</h2>
      <dl class="facts">${rows}</dl>
    </section>
  `;
}
