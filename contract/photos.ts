import Type, { type Static } from "typebox";
import { Nullable, OneOf, Sha256 } from "./ids.ts";

/** Photos that people take of a car: where they belong, and what was covered and found on them. */
const closed = { additionalProperties: false } as const;

/** Where a photo was taken: once around the car when it comes and when it goes, so that the two can be laid side by side; or anything else. */
export const CHECKPOINTS = [
  "arrival-front",
  "arrival-left",
  "arrival-right",
  "arrival-rear",
  "departure-front",
  "departure-left",
  "departure-right",
  "departure-rear",
  "free",
] as const;
export const Checkpoint = OneOf(CHECKPOINTS);
export type Checkpoint = Static<typeof Checkpoint>;

/** A photo of a recent phone has 3 to 8 MB. */
export const PHOTO_MAX_BYTES = 12 * 1024 * 1024;

const Share = Type.Number({ minimum: 0, maximum: 1 });
/** Relative to the picture as it is shown: x1, y1, x2, y2 from 0 (top left) to 1. */
export const PhotoBox = Type.Tuple([Share, Share, Share, Share]);
export type PhotoBox = Static<typeof PhotoBox>;

/** What was covered before the picture was stored. `head`: the head of a person whose face was not found. */
export const COVERED_KINDS = ["face", "plate", "head"] as const;
export const CoveredPlace = Type.Object({ what: OneOf(COVERED_KINDS), box: PhotoBox }, closed);
export type CoveredPlace = Static<typeof CoveredPlace>;

export const MOST_FINDINGS = 24;
export const MOST_OUTLINE_POINTS = 48;
export const MOST_OUTLINE_PARTS = 3;
export const MOST_COVERED = 64;

/** Labels of damage for which the page has words; a model may bring others. */
export const DAMAGE_LABELS = [
  "scratch",
  "dent",
  "broken-or-missing",
  "exposed-primer",
  "lamp-damage",
  "cracked-glass",
  "deployed-airbag",
  "bonnet-damage",
] as const;
export type DamageLabel = (typeof DAMAGE_LABELS)[number];

/** One thing that a model found on a photo. Its place in the record's list is its number. */
export const PhotoFinding = Type.Object(
  {
    label: Type.String({ pattern: "^[a-z0-9-]{1,40}$" }),
    score: Share,
    /** Calibrated; null where the model has no table, and then a person decides. */
    probability: Nullable(Share),
    box: PhotoBox,
    /** x, y after x, y, relative, thinned; largest part first. Empty where the model draws none. */
    outline: Type.Array(Type.Array(Share, { minItems: 6, maxItems: MOST_OUTLINE_POINTS * 2 }), {
      maxItems: MOST_OUTLINE_PARTS,
    }),
    /** By the shop's review threshold at that time: sure enough to count, or a person decides. */
    tier: OneOf(["found", "person-decides"]),
  },
  closed,
);
export type PhotoFinding = Static<typeof PhotoFinding>;

/** A model that had its say about a photo. */
export const PhotoModel = Type.Object(
  {
    role: Type.String({ maxLength: 40 }),
    name: Type.String({ maxLength: 60 }),
    version: Type.String({ maxLength: 40 }),
    sha256: Sha256,
  },
  closed,
);
export type PhotoModel = Static<typeof PhotoModel>;

export const Verdict = OneOf(["confirmed", "dismissed"]);
export type Verdict = Static<typeof Verdict>;
