import { GatewayError } from "../../contract/errors.ts";
import { Detector, type Seen } from "./detector.ts";
import type { Quad } from "./families/least-rectangle.ts";
import { decodePicture } from "./picture.ts";
import type { Provider } from "./providers.ts";
import type { ModelBundle } from "./registry/bundle.ts";
import { fullPicture } from "./size/full-picture.ts";
import { slantedCrop } from "./slanted-crop.ts";
import { type RecognisedText, TextRecogniser } from "./text-recogniser.ts";

/** One line of text in a picture. */
export interface TextLine extends RecognisedText {
  /** Its four corners at its own slant, from the top left clockwise, relative to the picture. */
  readonly quad: Quad;
  /** The finder's own score: how sure it is that this is text at all. */
  readonly found: number;
}

export interface ReadPicture {
  /** Size of the upright picture in pixels. */
  readonly width: number;
  readonly height: number;
  /** From top to bottom and from left to right; at most 100. */
  readonly lines: readonly TextLine[];
}

/** Finds lines of text and reads each: PP-OCR's chain of detection, straightened cut and recognition. Not for two pictures at the same time. */
export class TextReader {
  readonly finder: Detector;
  readonly recogniser: TextRecogniser;
  readonly #finderBundle: ModelBundle;

  private constructor(finderBundle: ModelBundle, finder: Detector, recogniser: TextRecogniser) {
    this.#finderBundle = finderBundle;
    this.finder = finder;
    this.recogniser = recogniser;
  }

  /** @throws GatewayError MODEL_*, as the two bundles are opened */
  static async open(finder: ModelBundle, recogniser: ModelBundle, providers: readonly Provider[]): Promise<TextReader> {
    for (const [bundle, role] of [
      [finder, "text-detection"],
      [recogniser, "text-recognition"],
    ] as const) {
      if (bundle.manifest.role !== role)
        throw new GatewayError("MODEL_MANIFEST_INVALID", {
          detail: `the bundle "${bundle.manifest.name}" is for "${bundle.manifest.role}", not "${role}"`,
        });
    }
    const opened = await Detector.open(finder, { providers });
    try {
      return new TextReader(finder, opened, await TextRecogniser.open(recogniser, providers));
    } catch (error) {
      await opened.close();
      throw error;
    }
  }

  /**
   * Finds text at the finder's scale, and reads it from the full picture.
   * @param bytes the picture's file
   * @throws GatewayError PICTURE_*
   */
  async read(bytes: Buffer): Promise<ReadPicture> {
    const picture = await decodePicture(bytes, this.#finderBundle.manifest.input);
    const { sourceWidth: width, sourceHeight: height } = picture.letterbox;
    const found = (await this.finder.look(picture)).flatMap((seen) =>
      this.finder.judge(seen).counts ? [{ found: seen.score, quad: quadOf(seen) }] : [],
    );
    const lines: TextLine[] = [];
    if (found.length > 0) {
      const whole = await fullPicture(bytes);
      for (const { found: score, quad } of inReadingOrder(found, width, height)) {
        const cut = slantedCrop(whole, inPixels(quad, width, height));
        if (cut !== undefined) lines.push({ ...(await this.recogniser.recognise(cut)), quad, found: score });
      }
    }
    return { width, height, lines };
  }

  async close(): Promise<void> {
    await this.finder.close();
    await this.recogniser.close();
  }
}

/** The slanted rectangle where the finder's family draws one, the upright box of every other. */
function quadOf({ box: [x1, y1, x2, y2], outline }: Seen): Quad {
  const [a, b, c, d, e, f, g, h, ...more] = outline?.()[0] ?? [];
  const slanted = [a, b, c, d, e, f, g, h];
  if (more.length === 0 && isQuad(slanted)) return slanted;
  return [x1, y1, x2, y1, x2, y2, x1, y2];
}

function isQuad(numbers: readonly (number | undefined)[]): numbers is Quad {
  return numbers.length === 8 && !numbers.includes(undefined);
}

function inPixels([x1, y1, x2, y2, x3, y3, x4, y4]: Quad, width: number, height: number): Quad {
  return [x1 * width, y1 * height, x2 * width, y2 * height, x3 * width, y3 * height, x4 * width, y4 * height];
}

/** Row by row, from the left: what begins less than half a line's height below a row's first line is in the same row. */
function inReadingOrder<Line extends { readonly quad: Quad }>(
  lines: readonly Line[],
  width: number,
  height: number,
): Line[] {
  const placed = lines.map((line) => {
    const [x1, y1, , , , , x4, y4] = inPixels(line.quad, width, height);
    return { line, x: x1, y: y1, half: Math.hypot(x4 - x1, y4 - y1) / 2 };
  });
  placed.sort((a, b) => a.y - b.y);
  const rows: (typeof placed)[] = [];
  for (const one of placed) {
    const row = rows.at(-1);
    const first = row?.[0];
    if (row !== undefined && first !== undefined && one.y - first.y < first.half) row.push(one);
    else rows.push([one]);
  }
  return rows.flatMap((row) => row.sort((a, b) => a.x - b.x).map(({ line }) => line));
}
