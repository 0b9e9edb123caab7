import {
  type CoveredPlace,
  MOST_COVERED,
  MOST_FINDINGS,
  MOST_OUTLINE_PARTS,
  MOST_OUTLINE_POINTS,
  type PhotoBox,
  type PhotoFinding,
  type PhotoModel,
} from "../../contract/photos.ts";
import type { DraftOf } from "../../contract/records.ts";
import type { Detection, RelativeBox, RelativePolygon } from "../vision/detections.ts";

/** What a look at a photo brought, without the picture itself. */
export interface LookedAt {
  /** SHA-256 of the covered picture. */
  readonly picture: string;
  readonly bytes: number;
  readonly width: number;
  readonly height: number;
  readonly covered: readonly { readonly what: CoveredPlace["what"]; readonly box: RelativeBox }[];
  readonly findings: readonly Detection[];
  readonly models: readonly PhotoModel[];
}

type Facts = Pick<
  DraftOf<"photo.looked-at">["body"],
  | "picture"
  | "bytes"
  | "widthPx"
  | "heightPx"
  | "covered"
  | "coveredLeftOut"
  | "findings"
  | "findingsLeftOut"
  | "models"
>;

/** What of a look goes into its record: the most probable findings, thinned outlines, numbers no finer than a pixel. */
export function factsOf(look: LookedAt, reviewThreshold: number): Facts {
  const sorted = look.findings.toSorted((a, b) => (b.probability ?? 0) - (a.probability ?? 0) || b.score - a.score);
  const findings = sorted.slice(0, MOST_FINDINGS);
  const covered = look.covered.slice(0, MOST_COVERED);
  return {
    picture: look.picture,
    bytes: look.bytes,
    widthPx: look.width,
    heightPx: look.height,
    covered: covered.map(({ what, box }) => ({ what, box: boxOf(box) })),
    coveredLeftOut: look.covered.length - covered.length,
    findings: findings.map((finding) => findingOf(finding, reviewThreshold)),
    findingsLeftOut: sorted.length - findings.length,
    models: look.models.map(({ role, name, version, sha256 }) => ({ role, name, version, sha256 })),
  };
}

function findingOf({ label, score, probability, box, outline }: Detection, reviewThreshold: number): PhotoFinding {
  return {
    label,
    score: share(score),
    probability: probability === undefined ? null : share(probability),
    box: boxOf(box),
    outline: (outline ?? []).slice(0, MOST_OUTLINE_PARTS).map(thinned).filter(isArea),
    // Without calibration nobody can say how sure it is.
    tier: probability !== undefined && probability >= reviewThreshold ? "found" : "person-decides",
  };
}

/** Every so many points one: outlines come from a coarse grid, so that the points lie evenly along them. */
function thinned(polygon: RelativePolygon): number[] {
  const points = Math.floor(polygon.length / 2);
  const kept = Math.min(points, MOST_OUTLINE_POINTS);
  return Array.from({ length: kept }, (_, index) => Math.floor((index * points) / kept)).flatMap((point) => [
    share(polygon[point * 2] ?? 0),
    share(polygon[point * 2 + 1] ?? 0),
  ]);
}

const isArea = (polygon: readonly number[]) => polygon.length >= 6;

function boxOf([x1, y1, x2, y2]: RelativeBox): PhotoBox {
  return [share(x1), share(y1), share(x2), share(y2)];
}

/** Four digits: a pixel of ten thousand. What a network draws may reach past the edge by a hair. */
function share(value: number): number {
  return Math.round(Math.min(1, Math.max(0, value)) * 10_000) / 10_000;
}
