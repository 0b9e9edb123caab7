import fc from "fast-check";
import { Value } from "typebox/value";
import { describe, expect, it } from "vitest";
import { PhotoId } from "../../contract/ids.ts";
import { MOST_COVERED, MOST_FINDINGS, MOST_OUTLINE_POINTS } from "../../contract/photos.ts";
import { advisor, Workshop } from "../shop/workshop.fixture.ts";
import type { Detection } from "../vision/detections.ts";
import { type InspectionCommand, undecidedOf } from "./inspection.ts";
import { factsOf, type LookedAt } from "./looked-at.ts";

const MODEL = { role: "damage", name: "damage", version: "1", sha256: "d".repeat(64) };
const dent: Detection = { label: "dent", score: 0.9, probability: 0.9, box: [0.1, 0.1, 0.2, 0.2] };
const scratch: Detection = { label: "scratch", score: 0.5, probability: 0.4, box: [0.5, 0.5, 0.6, 0.6] };

function lookOf(findings: readonly Detection[], picture = "a"): LookedAt {
  return {
    picture: picture.repeat(64),
    bytes: 1_000,
    width: 800,
    height: 600,
    covered: [{ what: "plate", box: [0.4, 0.7, 0.6, 0.8] }],
    findings,
    models: [MODEL],
  };
}

/** A shop with one job, and photos taken of its car. */
class Inspection extends Workshop {
  readonly jobId = this.openJob("RO-1");

  take(
    look: LookedAt,
    checkpoint: Extract<InspectionCommand, { kind: "photo-looked-at" }>["checkpoint"] = "arrival-front",
  ) {
    return this.do({ kind: "photo-looked-at", jobId: this.jobId, checkpoint, look, by: advisor });
  }

  judge(finding: number, verdict: "confirmed" | "dismissed", photo = this.photos[0]?.photoId) {
    const photoId = photo ?? Value.Parse(PhotoId, "nobody");
    return this.do({ kind: "judge-finding", jobId: this.jobId, photoId, finding, verdict, by: advisor });
  }

  get photos() {
    return this.records("photo.looked-at");
  }

  get undecided() {
    return undecidedOf(this.state.inspection, this.jobId);
  }
}

describe("an inspection by photos", () => {
  it("counts as found what is sure enough, and gives the rest to a person, what has no calibration too", () => {
    const shop = new Inspection();
    const { probability: _none, ...uncalibrated } = dent;
    const exactly = { ...dent, probability: 0.85 };
    shop.take(lookOf([scratch, exactly, dent, uncalibrated]));
    expect(shop.photos[0]?.findings.map(({ label, probability, tier }) => [label, probability, tier])).toEqual([
      ["dent", 0.9, "found"],
      ["dent", 0.85, "found"],
      ["scratch", 0.4, "person-decides"],
      ["dent", null, "person-decides"],
    ]);
    expect(shop.undecided).toBe(2);
  });

  it("lets a person decide, change his mind, and say the same twice", () => {
    const shop = new Inspection();
    shop.take(lookOf([dent, scratch]));
    expect(shop.judge(1, "confirmed").kind).toBe("accepted");
    expect(shop.judge(1, "confirmed").drafts).toEqual([]);
    expect(shop.undecided).toBe(0);
    shop.judge(1, "dismissed");
    expect(shop.records("finding.judged").map(({ label, verdict }) => [label, verdict])).toEqual([
      ["scratch", "confirmed"],
      ["scratch", "dismissed"],
    ]);
    expect(shop.replayed()).toEqual(shop.state);
  });

  it("refuses a word on what is not there", () => {
    const shop = new Inspection();
    expect(shop.judge(0, "confirmed")).toMatchObject({ kind: "refused", code: "PHOTO_UNKNOWN" });
    shop.take(lookOf([dent]));
    expect(shop.judge(1, "confirmed")).toMatchObject({ code: "PHOTO_UNKNOWN" });
    const other = shop.openJob("RO-2", null);
    const photoId = shop.photos[0]?.photoId ?? Value.Parse(PhotoId, "nobody");
    const word = { kind: "judge-finding", photoId, finding: 0, verdict: "confirmed", by: advisor } as const;
    expect(shop.do({ ...word, jobId: other })).toMatchObject({ code: "PHOTO_UNKNOWN" });
  });

  it("records the same picture at the same checkpoint once, at another one again", () => {
    const shop = new Inspection();
    shop.take(lookOf([dent]));
    expect(shop.take(lookOf([dent])).drafts).toEqual([]);
    shop.take(lookOf([dent]), "departure-front");
    expect(shop.photos).toHaveLength(2);
  });

  it("takes no photo of a job that is closed or unknown, nor more than a job can hold, and forgets a closed one", () => {
    const shop = new Inspection();
    for (let photo = 0; photo < 60; photo += 1)
      shop.take({ ...lookOf([]), picture: photo.toString(16).padStart(64, "0") });
    expect(shop.take(lookOf([]))).toMatchObject({ kind: "refused", code: "PHOTO_TOO_MANY" });
    shop.do({ kind: "close-job", jobId: shop.jobId, by: advisor });
    expect(shop.take(lookOf([]))).toMatchObject({ code: "JOB_CLOSED" });
    expect(shop.judge(0, "confirmed")).toMatchObject({ code: "JOB_CLOSED" });
    expect(shop.state.inspection).toEqual({});
  });

  it("writes down a photo that was refused, for an open job", () => {
    const shop = new Inspection();
    const refused = {
      kind: "photo-refused",
      checkpoint: "free",
      code: "PICTURE_NOT_AN_IMAGE",
      bytes: 3,
      by: advisor,
    } as const;
    shop.do({ ...refused, jobId: shop.jobId });
    expect(shop.records("photo.refused")).toMatchObject([{ code: "PICTURE_NOT_AN_IMAGE", bytes: 3 }]);
    shop.do({ kind: "close-job", jobId: shop.jobId, by: advisor });
    expect(shop.do({ ...refused, jobId: shop.jobId })).toMatchObject({ kind: "refused", code: "JOB_CLOSED" });
  });

  it("makes a record that fits its schema of whatever a model draws, and counts what it leaves out", () => {
    const share = fc.double({ min: -0.2, max: 1.2, noNaN: true });
    const box = fc.tuple(share, share, share, share);
    const detection = fc.record(
      {
        label: fc.constantFrom("dent", "scratch", "rust"),
        score: fc.double({ min: 0, max: 1, noNaN: true }),
        probability: fc.double({ min: 0, max: 1, noNaN: true }),
        box,
        outline: fc.array(fc.array(share, { maxLength: 400 }), { maxLength: 6 }),
      },
      { requiredKeys: ["label", "score", "box"] },
    );
    const covered = fc.array(fc.record({ what: fc.constantFrom("face" as const, "plate", "head"), box }), {
      maxLength: 90,
    });
    fc.assert(
      fc.property(fc.array(detection, { maxLength: 40 }), covered, (findings, places) => {
        const shop = new Inspection();
        // `do` throws when the record does not fit.
        shop.take({ ...lookOf(findings), covered: places });
        const [photo] = shop.photos;
        expect((photo?.findings.length ?? 0) + (photo?.findingsLeftOut ?? 0)).toBe(findings.length);
        expect((photo?.covered.length ?? 0) + (photo?.coveredLeftOut ?? 0)).toBe(places.length);
        expect(photo?.findings.length).toBeLessThanOrEqual(MOST_FINDINGS);
        expect(photo?.covered.length).toBeLessThanOrEqual(MOST_COVERED);
      }),
      { numRuns: 40 },
    );
  });

  it("thins a long outline evenly and keeps a short one as it is", () => {
    const circle = (points: number) =>
      Array.from({ length: points }, (_, i) => (2 * Math.PI * i) / points).flatMap((turn) => [
        0.5 + 0.4 * Math.cos(turn),
        0.5 + 0.4 * Math.sin(turn),
      ]);
    const outlineOf = (points: number) =>
      factsOf(lookOf([{ ...dent, outline: [circle(points)] }]), 0.85).findings[0]?.outline[0] ?? [];
    expect(outlineOf(10)).toHaveLength(20);
    const thinned = outlineOf(1_000);
    expect(thinned).toHaveLength(MOST_OUTLINE_POINTS * 2);
    const areaOf = (flat: readonly number[]) => {
      let twice = 0;
      for (let i = 0; i < flat.length; i += 2) {
        const [x1 = 0, y1 = 0, x2 = flat[0] ?? 0, y2 = flat[1] ?? 0] = flat.slice(i, i + 4);
        twice += x1 * y2 - x2 * y1;
      }
      return Math.abs(twice) / 2;
    };
    expect(areaOf(thinned)).toBeGreaterThan(0.98 * Math.PI * 0.16);
  });
});
