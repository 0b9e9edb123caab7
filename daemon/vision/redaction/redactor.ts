import { GatewayError } from "../../../contract/errors.ts";
import type { RelativeBox } from "../detections.ts";
import { Detector, type DetectorOptions } from "../detector.ts";
import type { Pixels } from "../picture.ts";
import type { Provider } from "../providers.ts";
import { loadBundle } from "../registry/bundle.ts";
import type { ModelManifest } from "../registry/manifest.ts";
import { coverUntilClean, type Sighting } from "./cover-until-clean.ts";
import { type Cover, isHeadOf } from "./covers.ts";
import { type Candidate, type Eye, intersectionOverUnion, lookBothWays, mirror, type Way } from "./two-way-look.ts";

/** Folders of the bundles that redaction needs, all three. */
export interface RedactionBundles {
  readonly face: string;
  readonly plate: string;
  /** For its persons. */
  readonly bay: string;
}

const ROLES = ["face", "plate", "bay"] as const;
type Role = (typeof ROLES)[number];
/** What is looked for with each. */
const LABELS: Readonly<Record<Role, string>> = { face: "face", plate: "plate", bay: "person" };

/**
 * When a candidate is covered: from one score on where a single pass saw it, from another where both did, as it is and in the mirror. Chosen on the
 * validation photos (README), towards covering.
 */
interface Rule {
  readonly alone: number;
  readonly both: number;
}

const FIRST_LOOK: Readonly<Record<Role, Rule>> = {
  face: { alone: 0.6, both: 0.5 },
  plate: { alone: 0.3, both: 0.1 },
  bay: { alone: 0.25, both: 0.15 },
};
/** Stricter, so that noise at a new scale does not refuse a picture. */
const RECHECK: Readonly<Record<Role, Rule>> = {
  face: { alone: 0.75, both: 0.6 },
  plate: { alone: 0.5, both: 0.3 },
  bay: { alone: 0.5, both: 0.35 },
};
/** A face this unsure is covered where even an unsure person is around it. */
const UNSURE_FACE = 0.2;
const UNSURE_PERSON = 0.1;
/** Two frames of one thing that overlap more than this hide as much as either. */
const TWIN_IOU = 0.5;
/** The lowest scores that any rule asks for. */
const FLOORS: Readonly<Record<Role, number>> = { face: UNSURE_FACE, plate: 0.1, bay: UNSURE_PERSON };

/** As the card says. */
const FIRST_WAY: Way = { scale: 1 };
/** At another scale, and in tiles that are cut elsewhere. */
const RECHECK_WAY: Way = { scale: 0.75, along: [3] };
/** Plates that fill half of a photo are larger than anything that the network was trained on; from further away they are not. */
const CLOSE_UP_WAY: Way = { scale: 0.5, along: [] };
const CLOSE_UP: Rule = { alone: 0.6, both: 0.4 };

/** Covers faces, plates and heads on whole pictures. Not for two pictures at the same time. */
export class Redactor {
  readonly models: Readonly<Record<Role, ModelManifest>>;
  readonly #eyes: Readonly<Record<Role, Eye>>;

  private constructor(eyes: Readonly<Record<Role, Eye>>) {
    this.#eyes = eyes;
    this.models = { face: eyes.face.manifest, plate: eyes.plate.manifest, bay: eyes.bay.manifest };
  }

  /** @throws GatewayError REDACTION_NO_MODEL when one of the three is absent, bad, or for something else */
  static async open(
    folders: RedactionBundles,
    providers: readonly Provider[],
    enginesFolder?: string,
  ): Promise<Redactor> {
    const open = (role: Role) =>
      openEye(role, folders[role], { providers, ...(enginesFolder === undefined ? {} : { enginesFolder }) });
    return new Redactor({ face: await open("face"), plate: await open("plate"), bay: await open("bay") });
  }

  /**
   * Covers in place, then looks again at what is left, until nothing is found any more.
   * @returns what was covered, in pixels of this picture
   * @throws GatewayError REDACTION_INCOMPLETE; the pixels must not be used then
   */
  async redact(pixels: Pixels): Promise<Cover[]> {
    return coverUntilClean(pixels, (which) =>
      which === "first" ? this.#look(pixels, FIRST_WAY, FIRST_LOOK) : this.#look(pixels, RECHECK_WAY, RECHECK),
    );
  }

  async close(): Promise<void> {
    await Promise.all(ROLES.map((role) => this.#eyes[role].detector.close()));
  }

  async #look(pixels: Pixels, way: Way, rules: Readonly<Record<Role, Rule>>): Promise<Sighting> {
    const mirrored = mirror(pixels);
    const look = (role: Role, from = way) => lookBothWays(this.#eyes[role], pixels, mirrored, LABELS[role], from);
    const faces = await look("face");
    const plates = await look("plate");
    const closeUps = await look("plate", CLOSE_UP_WAY);
    const persons = await look("bay");
    const unsurePersons = boxesOf(persons, { alone: UNSURE_PERSON, both: UNSURE_PERSON });
    return {
      faces: boxesOf(faces, rules.face),
      unsureFaces: faces.map(({ box }) => box).filter((face) => unsurePersons.some((one) => isHeadOf(face, one))),
      plates: [...boxesOf(plates, rules.plate), ...boxesOf(closeUps, CLOSE_UP)],
      persons: boxesOf(persons, rules.bay),
    };
  }
}

/** What the rule asks for, best first; the other pass's frame of the same thing is left out, the margin makes up for it. */
function boxesOf(candidates: readonly Candidate[], { alone, both }: Rule): RelativeBox[] {
  const kept: RelativeBox[] = [];
  for (const { box, score, otherScore } of candidates) {
    if (score < alone && Math.min(score, otherScore) < both) continue;
    if (!kept.some((other) => intersectionOverUnion(box, other) > TWIN_IOU)) kept.push(box);
  }
  return kept;
}

async function openEye(
  role: Role,
  folder: string,
  options: Pick<DetectorOptions, "providers" | "enginesFolder">,
): Promise<Eye> {
  try {
    const bundle = await loadBundle(folder);
    const { manifest } = bundle;
    if (manifest.role !== role || !manifest.labels.includes(LABELS[role]))
      throw new GatewayError("MODEL_MANIFEST_INVALID", { detail: `no model for "${LABELS[role]}"` });
    return { manifest, detector: await Detector.open(bundle, { ...options, floor: FLOORS[role] }) };
  } catch (error) {
    throw new GatewayError("REDACTION_NO_MODEL", {
      detail: `${role}: ${error instanceof Error ? error.message : String(error)}`,
      cause: error,
    });
  }
}
