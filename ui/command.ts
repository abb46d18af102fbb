// `cairn ui` as a command: its words. What it does is loaded only when it is asked for.
import { type Command, STORE_FLAG } from "../engine/cli.ts";
export type { PreviewRaster } from "./artifacts/raster_preview.ts";
import type { PreviewRaster } from "./artifacts/raster_preview.ts";

const USUAL_PORT = 4848;
// Named by a variable, because Deno reads what a literal import names before the program starts.
const SERVE = import.meta.resolve("./serve.ts");

/** The command, with what draws GeoTIFFs for its page. */
export const uiCommand = (previewRaster: PreviewRaster): Command => ({
  name: "ui",
  summary: "serves a page on this machine that shows runs as they go",
  positionals: [],
  flags: {
    ...STORE_FLAG,
    port: {
      type: "string",
      value: "N",
      description:
        `listens on port N; else on ${USUAL_PORT}, or on a free one where that is in use`,
    },
    host: {
      type: "string",
      value: "ADDRESS",
      description:
        "lets other machines in, with a token for everything: 0.0.0.0 for all addresses of this one",
    },
    "while-open": { type: "boolean", description: "ends when its standard input does" },
  },
  perform: async (context, args) => {
    const { serve } = await import(SERVE) as typeof import("./serve.ts");
    return await serve(context, args, { usualPort: USUAL_PORT, previewRaster });
  },
});
