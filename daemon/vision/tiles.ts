import type { Detector, Seen } from "./detector.ts";
import type { Letterbox } from "./letterbox.ts";
import { type DecodedPicture, fitted, type Pixels } from "./picture.ts";
import type { ModelInput, ModelManifest, ModelTiles } from "./registry/manifest.ts";

/** A piece of a picture as large as the network's input, cut out of one decode. */
interface Tile {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** What was seen, and in which look: boxes of one look have been through their own NMS already. */
interface Piece extends Seen {
  readonly look: string;
  readonly isTile: boolean;
}

/** What a tile and another look see is the same thing at this overlap or more; the better score stays. */
const JOIN_IOU = 0.5;
/** So is a box that lies at least this far inside a better one of its class. */
const JOIN_INSIDE = 0.8;
/** A box that comes this near to where a tile was cut is cut itself; the neighbour, or the whole picture, sees more of it. */
const CUT_PX = 2;
const MAX_DETECTIONS = 100;

/** Whether a card's tiles are for a picture of this size. */
export function wantsTiles(tiles: ModelTiles | undefined, { sourceWidth, sourceHeight }: Letterbox): boolean {
  return tiles !== undefined && Math.max(sourceWidth, sourceHeight) >= tiles.fromPx;
}

/**
 * Looks at a photo as carefully as the card asks: as a whole, in the mirror, and piece by piece (sliced inference, Akyon et al. 2022, arXiv
 * 2202.06934). The pieces of a pass are cut from one decode, so that their number costs network time and no decoding.
 * @param picture the picture file, or its pixels
 * @param whole the same picture, decoded for the network
 * @param tiles absent: no pieces
 * @returns joined by class, best score first, at most 100
 * @throws GatewayError PICTURE_UNREADABLE
 */
export async function lookCarefully(
  detector: Detector,
  picture: Buffer | Pixels,
  whole: DecodedPicture,
  { input, mirrored, nmsIou }: Pick<ModelManifest, "input" | "mirrored" | "nmsIou">,
  tiles: ModelTiles | undefined,
): Promise<Seen[]> {
  const seen: Piece[] = (await detector.look(whole)).map((one) => ({ ...one, look: "whole", isTile: false }));
  if (mirrored === true)
    seen.push(...(await detector.lookMirrored(whole)).map((one) => ({ ...one, look: "mirrored", isTile: false })));
  if (tiles !== undefined)
    for (const along of tiles.along) seen.push(...(await onePass(detector, picture, input, tiles, along)));
  return joined(seen, nmsIou ?? JOIN_IOU);
}

async function onePass(
  detector: Detector,
  picture: Buffer | Pixels,
  input: ModelInput,
  tiles: ModelTiles,
  along: number,
): Promise<Piece[]> {
  const longest = Math.round(Math.max(input.width, input.height) * (along - (along - 1) * tiles.overlap));
  const canvas = await fitted(picture, {
    ...input,
    width: longest,
    height: longest,
    letterbox: { ...input.letterbox, anchor: "top-left" },
  });
  const { contentWidth, contentHeight } = canvas.letterbox;
  const seen: Piece[] = [];
  for (const top of starts(contentHeight, input.height, tiles.overlap)) {
    for (const left of starts(contentWidth, input.width, tiles.overlap)) {
      const width = Math.min(input.width, contentWidth);
      const height = Math.min(input.height, contentHeight);
      const tile = { left, top, width, height };
      const found = await detector.look(...cut(canvas, tile));
      seen.push(
        ...found
          .filter((one) => fitsInTile(one, tile, canvas.letterbox, tiles))
          .map((one) => ({ ...one, score: one.score * tiles.weight, look: `${along}/${left}/${top}`, isTile: true })),
      );
    }
  }
  return seen;
}

/** Where tiles begin along a side: evenly spread, the last one ends where the side ends. */
export function starts(length: number, tile: number, overlap: number): number[] {
  if (length <= tile) return [0];
  const count = Math.ceil((length - overlap * tile) / (tile - overlap * tile) - 1e-6);
  return Array.from({ length: count }, (_, at) => Math.round(((length - tile) * at) / (count - 1)));
}

/** The tile's pixels, placed top left in the tensor, and the letterbox by which network pixels come back to the whole picture. */
function cut(canvas: DecodedPicture, tile: Tile): [Pick<DecodedPicture, "rgb" | "letterbox">, Letterbox] {
  const { letterbox } = canvas;
  const rgb = Buffer.allocUnsafe(tile.width * tile.height * 3);
  for (let row = 0; row < tile.height; row++) {
    const from = ((tile.top + row) * letterbox.contentWidth + tile.left) * 3;
    canvas.rgb.copy(rgb, row * tile.width * 3, from, from + tile.width * 3);
  }
  const placed = { ...letterbox, contentWidth: tile.width, contentHeight: tile.height, left: 0, top: 0 };
  return [
    { rgb, letterbox: placed },
    { ...letterbox, left: -tile.left, top: -tile.top },
  ];
}

/** Small enough for a tile, and not cut by it. */
function fitsInTile(
  { corners }: Seen,
  tile: Tile,
  { contentWidth, contentHeight }: Letterbox,
  tiles: ModelTiles,
): boolean {
  const [x1, y1, x2, y2] = corners;
  const largest = tiles.largest * Math.max(tile.width, tile.height);
  if (x2 - x1 > largest || y2 - y1 > largest) return false;
  const cutLeft = tile.left > 0 && x1 < CUT_PX;
  const cutTop = tile.top > 0 && y1 < CUT_PX;
  const cutRight = tile.left + tile.width < contentWidth && x2 > tile.width - CUT_PX;
  const cutBottom = tile.top + tile.height < contentHeight && y2 > tile.height - CUT_PX;
  return !(cutLeft || cutTop || cutRight || cutBottom);
}

/** In falling order of score, what no better box of its class in another look says already. */
function joined(seen: readonly Piece[], nmsIou: number): Seen[] {
  const kept: Piece[] = [];
  for (const one of [...seen].sort((a, b) => b.score - a.score)) {
    if (kept.length >= MAX_DETECTIONS) break;
    const known = kept.some(
      (other) => other.labelIndex === one.labelIndex && other.look !== one.look && saysTheSame(one, other, nmsIou),
    );
    if (!known) kept.push(one);
  }
  return kept;
}

/** Two looks at the whole picture are joined as the network's own boxes are, a tile's with more patience: it frames things otherwise. */
function saysTheSame(one: Piece, other: Piece, nmsIou: number): boolean {
  const { box: a } = one;
  const { box: b } = other;
  const width = Math.min(a[2], b[2]) - Math.max(a[0], b[0]);
  const height = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
  if (width <= 0 || height <= 0) return false;
  const shared = width * height;
  const own = (a[2] - a[0]) * (a[3] - a[1]);
  const union = own + (b[2] - b[0]) * (b[3] - b[1]) - shared;
  if (!(one.isTile || other.isTile)) return shared > nmsIou * union;
  return shared > JOIN_IOU * union || shared > JOIN_INSIDE * own;
}
