// Decoded tiles: kept in memory where all of them fit, else decoded each time they are asked for.
import { readTileMask, readTilePixels } from "../../tiles/load.ts";
import type { Tile, TilesManifest } from "../../tiles/manifest.ts";

/** A tile as the network sees it. */
export interface LoadedTile {
  /** [bands, tile, tile], 0-255. */
  readonly pixels: Uint8Array;
  /** [tile, tile] class indices, NO_LABEL where there is none. */
  readonly mask: Uint8Array;
}

/** The tiles of one folder. */
export class TileSource {
  /** Whether decoded tiles stay in memory. */
  readonly keeps: boolean;
  private readonly kept = new Map<string, Promise<LoadedTile>>();

  /** `memoryBytes` is what all decoded tiles together may take. */
  constructor(
    private readonly folder: string,
    readonly manifest: TilesManifest,
    memoryBytes: number,
  ) {
    const { tiles, tile, bands } = manifest;
    this.keeps = tiles.length * tile ** 2 * (bands + 1) <= memoryBytes;
  }

  /** Decodes a tile; the arrays are shared and must not be written to. */
  load(tile: Tile): Promise<LoadedTile> {
    const known = this.kept.get(tile.name);
    if (known !== undefined) return known;
    const loading = this.decode(tile);
    if (this.keeps) this.kept.set(tile.name, loading);
    return loading;
  }

  private async decode(tile: Tile): Promise<LoadedTile> {
    const [pixels, mask] = await Promise.all([
      readTilePixels(this.folder, this.manifest, tile),
      readTileMask(this.folder, this.manifest, tile),
    ]);
    return { pixels, mask };
  }
}
