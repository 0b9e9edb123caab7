import { GatewayError } from "../../../contract/errors.ts";
import type { RelativeBox } from "../detections.ts";
import { Detector } from "../detector.ts";
import { fitted, type Pixels } from "../picture.ts";
import type { Provider } from "../providers.ts";
import { loadBundle } from "../registry/bundle.ts";
import type { ModelManifest, ModelTiles } from "../registry/manifest.ts";
import { lookCarefully, wantsTiles } from "../tiles.ts";
import { coveredShare, coverFor, headsWithoutFace, type PixelBox, paintCovers } from "./covers.ts";

/** `head`: a person is there and no face was found in the upper half of him. */
export type CoveredKind = "face" | "plate" | "head";

export interface Cover {
  readonly what: CoveredKind;
  readonly box: PixelBox;
}

/** Folders of the bundles that redaction needs, all three. */
export interface RedactionBundles {
  readonly face: string;
  readonly plate: string;
  /** For its persons. */
  readonly bay: string;
}

const ROLES = ["face", "plate", "bay"] as const;
type Role = (typeof ROLES)[number];

/**
 * A thing is covered from these scores on, lower than the cards' thresholds: a cover too many harms nobody. What the re-check finds must be covered at
 * the cards' own thresholds, so that noise at a new scale does not refuse a picture.
 */
const COVER_FROM: Readonly<Record<Role, number>> = { face: 0.3, plate: 0.05, bay: 0.25 };
/** Close-ups are larger than anything that the networks were trained on: at this scale they are not. */
const CLOSE_UP_SCALE = 0.5;
/** The re-check looks at a scale between those of the first look, and in tiles that are cut elsewhere. */
const RECHECK_SCALE = 0.75;
const RECHECK_TILES_ALONG = 3;
/** Each round covers what the one before still found. */
const MAX_ROUNDS = 4;
/** A box of which this part is covered shows nothing any more. */
const COVERED_ENOUGH = 0.95;

interface Eye {
  readonly detector: Detector;
  readonly manifest: ModelManifest;
}

interface Sighting {
  readonly faces: readonly RelativeBox[];
  readonly plates: readonly RelativeBox[];
  readonly persons: readonly RelativeBox[];
}

/** Covers faces, plates and heads on whole pictures. Not for two pictures at the same time. */
export class Redactor {
  readonly models: Readonly<Record<Role, ModelManifest>>;
  readonly #eyes: Readonly<Record<Role, Eye>>;

  private constructor(eyes: Readonly<Record<Role, Eye>>) {
    this.#eyes = eyes;
    this.models = { face: eyes.face.manifest, plate: eyes.plate.manifest, bay: eyes.bay.manifest };
  }

  /** @throws GatewayError REDACTION_NO_MODEL when one of the three is absent, bad, or for something else */
  static async open(folders: RedactionBundles, providers: readonly Provider[]): Promise<Redactor> {
    const open = (role: Role) => openEye(role, folders[role], providers);
    return new Redactor({ face: await open("face"), plate: await open("plate"), bay: await open("bay") });
  }

  /**
   * Covers in place, then looks again at what is left, until nothing is found any more.
   * @returns what was covered, in pixels of this picture
   * @throws GatewayError REDACTION_INCOMPLETE; the pixels must not be used then
   */
  async redact(pixels: Pixels): Promise<Cover[]> {
    try {
      return await this.#redact(pixels);
    } catch (error) {
      if (error instanceof GatewayError) throw error;
      throw new GatewayError("REDACTION_INCOMPLETE", { detail: "a model failed on this picture", cause: error });
    }
  }

  async close(): Promise<void> {
    await Promise.all(ROLES.map((role) => this.#eyes[role].detector.close()));
  }

  async #redact(pixels: Pixels): Promise<Cover[]> {
    const first = await this.#look(pixels, firstLook);
    const covers = coversOf(first, first.faces, pixels);
    paint(pixels, covers);
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const again = await this.#look(pixels, recheck);
      // The faces themselves are covered by now; who had one needs no cover of his head.
      const more = coversOf(again, [...first.faces, ...again.faces], pixels, covers);
      if (more.length === 0) return covers;
      covers.push(...more);
      paint(pixels, more);
    }
    throw new GatewayError("REDACTION_INCOMPLETE", { detail: `something new was found ${MAX_ROUNDS} times in a row` });
  }

  async #look(pixels: Pixels, look: Look): Promise<Sighting> {
    const { face, plate, bay } = this.#eyes;
    return {
      faces: await look(face, pixels, "face"),
      plates: await look(plate, pixels, "plate"),
      persons: await look(bay, pixels, "person"),
    };
  }
}

type Look = (eye: Eye, pixels: Pixels, label: string) => Promise<RelativeBox[]>;

/** As a whole, in the mirror, in the card's tiles, and from further away; from the cover scores on. */
const firstLook: Look = async ({ detector, manifest }, pixels, label) => {
  const whole = await fitted(pixels, manifest.input);
  const tiles = wantsTiles(manifest.tiles, whole.letterbox) ? manifest.tiles : undefined;
  const near = await lookCarefully(detector, pixels, whole, { ...manifest, mirrored: true }, tiles);
  const far = await detector.look(await fitted(pixels, scaled(manifest.input, CLOSE_UP_SCALE)));
  return [...near, ...far]
    .map((seen) => detector.judge(seen).detection)
    .filter((detection) => detection.label === label && detection.score >= COVER_FROM[manifest.role as Role])
    .map(({ box }) => box);
};

/** At another scale, in the mirror, in tiles cut elsewhere; from the card's thresholds on. */
const recheck: Look = async ({ detector, manifest }, pixels, label) => {
  const whole = await fitted(pixels, scaled(manifest.input, RECHECK_SCALE));
  const elsewhere: ModelTiles | undefined = manifest.tiles && { ...manifest.tiles, along: [RECHECK_TILES_ALONG] };
  const tiles = wantsTiles(elsewhere, whole.letterbox) ? elsewhere : undefined;
  const seen = await lookCarefully(detector, pixels, whole, { ...manifest, mirrored: true }, tiles);
  return seen
    .map((one) => detector.judge(one))
    .filter(({ counts, detection }) => counts && detection.label === label)
    .map(({ detection }) => detection.box);
};

/** The same input with a smaller picture in it: the rest is padding. */
function scaled(input: ModelManifest["input"], scale: number): ModelManifest["input"] {
  return { ...input, width: Math.round(input.width * scale), height: Math.round(input.height * scale) };
}

function coversOf(
  { faces, plates, persons }: Sighting,
  knownFaces: readonly RelativeBox[],
  pixels: Pixels,
  already: readonly Cover[] = [],
): Cover[] {
  const things: readonly (readonly [CoveredKind, readonly RelativeBox[]])[] = [
    ["face", faces],
    ["plate", plates],
    ["head", headsWithoutFace(persons, knownFaces)],
  ];
  const covers: Cover[] = [];
  for (const [what, boxes] of things) {
    for (const box of boxes) {
      const boxesThere = [...already, ...covers].map((cover) => cover.box);
      if (coveredShare(box, boxesThere, pixels) < COVERED_ENOUGH)
        covers.push({ what, box: coverFor(box, pixels.width, pixels.height) });
    }
  }
  return covers;
}

function paint(pixels: Pixels, covers: readonly Cover[]): void {
  paintCovers(
    pixels,
    covers.map(({ box }) => box),
  );
}

async function openEye(role: Role, folder: string, providers: readonly Provider[]): Promise<Eye> {
  try {
    const bundle = await loadBundle(folder);
    const { manifest } = bundle;
    const needed = role === "bay" ? "person" : role;
    if (manifest.role !== role || !manifest.labels.includes(needed))
      throw new GatewayError("MODEL_MANIFEST_INVALID", { detail: `no model for "${needed}"` });
    return { manifest, detector: await Detector.open(bundle, { providers, floor: COVER_FROM[role] }) };
  } catch (error) {
    throw new GatewayError("REDACTION_NO_MODEL", {
      detail: `${role}: ${error instanceof Error ? error.message : String(error)}`,
      cause: error,
    });
  }
}
