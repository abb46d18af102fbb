// Pictures as image files of the wanted size.
import type { Buffer } from "node:buffer";
import sharp from "sharp";
import type { Picture } from "./pictures.ts";

/** Scales a picture to `edge` pixels and encodes it; enlarged pixels stay squares. */
export async function encodePicture(
  picture: Picture,
  edge: number,
  format: "png" | "webp",
): Promise<Buffer> {
  const raw = { width: picture.edge, height: picture.edge, channels: 3 } as const;
  const kernel = edge > picture.edge ? "nearest" : "lanczos3";
  const scaled = sharp(picture.rgb, { raw }).resize(edge, edge, { kernel });
  return await (format === "png" ? scaled.png() : scaled.webp({ quality: 84 })).toBuffer();
}
