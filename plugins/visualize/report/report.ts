// The report: one HTML file without scripts or links, its images inside.
import type { History, ModelCard } from "../../nn/model_artifact.ts";
import type { Scores } from "../../scores/scores.ts";
import { type ReportPanel, tilesSection } from "./tiles_section.ts";
import { Html, html } from "./html.ts";
import { classesSection, confusionSection, summarySection } from "./scores_sections.ts";
import { style } from "./style.ts";
import { curvesSection, factsSection } from "./training_sections.ts";

/** Everything that a report tells. */
export interface ReportContent {
  readonly title: string;
  readonly card: ModelCard;
  readonly scores: Scores;
  readonly history: History | undefined;
  readonly panels: readonly ReportPanel[];
}

/** Writes the page. */
export function writeReport({ title, card, scores, history, panels }: ReportContent): string {
  const { architecture } = card;
  const page = html`
    <!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta http-equiv="Content-Security-Policy"
          content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
        <title>${title}</title>
        <style>${new Html(style)}</style>
      </head>
      <body>
        <main>
          <header>
            <h1>${title}</h1>
            <p class="lead">
              How a U-Net of base ${architecture.base} and depth ${architecture.depth} does on the
              ${scores.split} split of its tiles.
            </p>
            ${summarySection(scores)}
          </header>
          ${classesSection(scores)}
          ${confusionSection(scores)}
          ${history && curvesSection(history, card)}
          ${tilesSection(panels, card.classes)}
          ${factsSection(card)}
        </main>
      </body>
    </html>
  `;
  return page.markup;
}
