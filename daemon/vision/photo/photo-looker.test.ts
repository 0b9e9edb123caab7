import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { MAX_PHOTO_SIDE } from "./photo-look.ts";
import { PhotoLooker } from "./photo-looker.ts";
import { type Always, writeTinyBundles } from "./tiny-bundles.fixture.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "baygate-photo-"));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const open = async (found: Parameters<typeof writeTinyBundles>[1]) =>
  PhotoLooker.open(await writeTinyBundles(folder, found), ["cpu"]);

const white = (width: number, height: number) => sharp({ create: { width, height, channels: 3, background: "#fff" } });

async function redAt(jpeg: Buffer, x: number, y: number): Promise<number | undefined> {
  const { data, info } = await sharp(jpeg).raw().toBuffer({ resolveWithObject: true });
  return data[(Math.floor(y * info.height) * info.width + Math.floor(x * info.width)) * info.channels];
}

/** In the middle, where the mirror and another scale see it as well. */
const MIDDLE: Always = [24, 24, 40, 40, 0.9];

describe("a look at a photo", () => {
  test("finds the damage under what is covered, and lets only the covered picture out", async () => {
    const looker = await open({ plate: MIDDLE, damage: [20, 20, 44, 44, 0.8] });
    const look = await looker.look(await white(640, 480).jpeg().toBuffer());
    expect(look.findings).toEqual([
      { label: "scratch", score: expect.closeTo(0.8, 5), box: [20 / 64, 20 / 64, 44 / 64, 44 / 64] },
    ]);
    expect(look.covered.map(({ what }) => what)).toContain("plate");
    expect(look.models.map(({ role, name }) => `${role} ${name}`)).toEqual([
      "bay tiny",
      "damage tiny",
      "face tiny",
      "plate tiny",
    ]);
    expect(await redAt(look.picture, 0.5, 0.5)).toBe(72);
    expect(await redAt(look.picture, 0.02, 0.02)).toBe(255);
  });

  test("covers the head of a person whose face is not found", async () => {
    const looker = await open({ bay: [24, 8, 40, 56, 0.9] });
    const look = await looker.look(await white(640, 640).jpeg().toBuffer());
    expect(new Set(look.covered.map(({ what }) => what))).toEqual(new Set(["head"]));
    expect([await redAt(look.picture, 0.5, 0.2), await redAt(look.picture, 0.5, 0.97)]).toEqual([72, 255]);
  });

  test("lets no metadata out: no EXIF, place, profile or XMP", async () => {
    const looker = await open({});
    const bytes = await white(320, 240)
      .withIccProfile("p3")
      .withExif({ IFD0: { Make: "someone" }, IFD3: { GPSLatitudeRef: "N", GPSLatitude: "51/1 30/1 0/1" } })
      .withXmp('<x:xmpmeta xmlns:x="adobe:ns:meta/"/>')
      .jpeg()
      .toBuffer();
    expect(await sharp(bytes).metadata()).toMatchObject({ exif: expect.any(Buffer), icc: expect.any(Buffer) });
    const { picture } = await looker.look(bytes);
    const { exif, icc, xmp, iptc, orientation } = await sharp(picture).metadata();
    expect([exif, icc, xmp, iptc, orientation]).toEqual([undefined, undefined, undefined, undefined, undefined]);
    expect(picture.includes("someone")).toBe(false);
  });

  test("gives a picture no longer than the longest side, with covers in its own measure", async () => {
    const looker = await open({ face: MIDDLE });
    const look = await looker.look(await white(4000, 3000).jpeg().toBuffer());
    expect([look.width, look.height]).toEqual([MAX_PHOTO_SIDE, 1920]);
    expect(await sharp(look.picture).metadata()).toMatchObject({ width: MAX_PHOTO_SIDE, height: 1920 });
    for (const { box } of look.covered) expect((box[0] * look.width) % 16).toBeCloseTo(0, 6);
    expect(await redAt(look.picture, 0.5, 0.5)).toBe(72);
  });

  test("does not open when a model is missing, or is for something else", async () => {
    const bundles = await writeTinyBundles(folder, {});
    const codes = [
      { ...bundles, face: join(folder, "absent") },
      { ...bundles, plate: bundles.face },
      { ...bundles, bay: bundles.damage },
    ].map((wrong) => PhotoLooker.open(wrong, ["cpu"]));
    for (const wrong of codes) await expect(wrong).rejects.toMatchObject({ code: "REDACTION_NO_MODEL" });
    await expect(PhotoLooker.open({ ...bundles, damage: bundles.face }, ["cpu"])).rejects.toMatchObject({
      code: "MODEL_MANIFEST_INVALID",
    });
  });
});
