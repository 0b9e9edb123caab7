import { GatewayError } from "../../../contract/errors.ts";
import type { RelativeBox } from "../detections.ts";
import type { Pixels } from "../picture.ts";
import { type Cover, type CoveredKind, coveredShare, coverFor, headsWithoutFace, paintCovers } from "./covers.ts";

/** What one look found that must be covered. */
export interface Sighting {
  /** Surely faces: who has one needs no cover of his head. */
  readonly faces: readonly RelativeBox[];
  readonly unsureFaces: readonly RelativeBox[];
  readonly plates: readonly RelativeBox[];
  readonly persons: readonly RelativeBox[];
}

/** Each round covers what the one before still found. */
export const MAX_ROUNDS = 6;
/** A box of which this part is covered shows nothing any more. */
const COVERED_ENOUGH = 0.95;

/**
 * Covers in place what a first look finds, then looks again at what is left and covers that, until a look finds nothing new.
 * @param look sees the pixels as they are at that moment
 * @returns what was covered
 * @throws GatewayError REDACTION_INCOMPLETE when the last look still finds something, or when one fails; the pixels must not be used then
 */
export async function coverUntilClean(
  pixels: Pixels,
  look: (which: "first" | "again") => Promise<Sighting>,
): Promise<Cover[]> {
  const faces: RelativeBox[] = [];
  const covers: Cover[] = [];
  for (let round = 0; round <= MAX_ROUNDS; round++) {
    const sighting = await lookOrFail(() => look(round === 0 ? "first" : "again"));
    // The faces of earlier looks are covered by now and cannot be seen again.
    faces.push(...sighting.faces);
    const more = coversOf(sighting, faces, pixels, covers);
    if (more.length === 0 && round > 0) return covers;
    covers.push(...more);
    paintCovers(
      pixels,
      more.map(({ box }) => box),
    );
  }
  throw new GatewayError("REDACTION_INCOMPLETE", { detail: `${MAX_ROUNDS} looks in a row found something new` });
}

async function lookOrFail(look: () => Promise<Sighting>): Promise<Sighting> {
  try {
    return await look();
  } catch (error) {
    throw new GatewayError("REDACTION_INCOMPLETE", { detail: "a model failed on this picture", cause: error });
  }
}

function coversOf(
  { faces, unsureFaces, plates, persons }: Sighting,
  knownFaces: readonly RelativeBox[],
  pixels: Pixels,
  already: readonly Cover[],
): Cover[] {
  const things: readonly (readonly [CoveredKind, readonly RelativeBox[]])[] = [
    ["face", [...faces, ...unsureFaces]],
    ["plate", plates],
    ["head", headsWithoutFace(persons, knownFaces)],
  ];
  const covers: Cover[] = [];
  for (const [what, boxes] of things) {
    for (const box of boxes) {
      const there = [...already, ...covers].map((cover) => cover.box);
      if (coveredShare(box, there, pixels) < COVERED_ENOUGH)
        covers.push({ what, box: coverFor(box, pixels.width, pixels.height) });
    }
  }
  return covers;
}
