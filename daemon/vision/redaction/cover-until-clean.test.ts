import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { coverUntilClean, MAX_ROUNDS, type Sighting } from "./cover-until-clean.ts";
import { encodeRedacted } from "./encode.ts";

const nothing: Sighting = { faces: [], unsureFaces: [], plates: [], persons: [] };
const white = (width = 320, height = 320) => ({ rgb: Buffer.alloc(width * height * 3, 255), width, height });

describe("covering until a look finds nothing new", () => {
  test("covers what the re-check still finds, and looks once more", async () => {
    const looks = [
      { ...nothing, plates: [[0.1, 0.1, 0.2, 0.15]] },
      { ...nothing, plates: [[0.6, 0.6, 0.7, 0.65]] },
      nothing,
    ] satisfies Sighting[];
    const asked: string[] = [];
    const pixels = white();
    const covers = await coverUntilClean(pixels, async (which) => {
      asked.push(which);
      return looks[asked.length - 1] ?? nothing;
    });
    expect(asked).toEqual(["first", "again", "again"]);
    expect(covers.map(({ what, box }) => [what, box.left, box.top])).toEqual([
      ["plate", 16, 16],
      ["plate", 176, 176],
    ]);
    expect(pixels.rgb[(200 * 320 + 200) * 3]).toBe(72);
  });

  test("takes what is covered already for no news", async () => {
    const plate: Sighting = { ...nothing, plates: [[0.1, 0.1, 0.3, 0.2]] };
    expect(await coverUntilClean(white(), async () => plate)).toHaveLength(1);
  });

  test("needs no cover of a head whose face an earlier look covered", async () => {
    const person: Sighting = { ...nothing, persons: [[0.4, 0.1, 0.6, 0.9]] };
    const withFace: Sighting = { ...person, faces: [[0.48, 0.12, 0.52, 0.18]] };
    const covers = await coverUntilClean(white(), async (which) => (which === "first" ? withFace : person));
    expect(covers.map(({ what }) => what)).toEqual(["face"]);
    const hidden = await coverUntilClean(white(), async () => person);
    expect(hidden.map(({ what }) => what)).toEqual(["head"]);
  });

  test("fails closed when every look finds something new", async () => {
    let looks = 0;
    const ever = coverUntilClean(white(2000, 40), async () => {
      const x = 0.12 * looks++;
      return { ...nothing, faces: [[x, 0, x + 0.02, 1]] };
    });
    await expect(ever).rejects.toMatchObject({ code: "REDACTION_INCOMPLETE" });
    expect(looks).toBe(1 + MAX_ROUNDS);
  });

  test("fails closed when a look fails, the last one too", async () => {
    for (const failing of ["first", "again"]) {
      const broken = coverUntilClean(white(), async (which) => {
        if (which === failing) throw new Error("out of memory");
        return nothing;
      });
      await expect(broken).rejects.toMatchObject({ code: "REDACTION_INCOMPLETE" });
    }
  });
});

describe("the redacted picture", () => {
  /** A checker of black and white pixels: whatever leaks into a cover is seen. */
  function checker(width: number, height: number) {
    const rgb = Buffer.alloc(width * height * 3);
    for (let pixel = 0; pixel < width * height; pixel++)
      rgb.fill((pixel + Math.floor(pixel / width)) % 2 === 0 ? 255 : 0, pixel * 3, pixel * 3 + 3);
    return { rgb, width, height };
  }

  test.each([
    ["in its own size", undefined, 640],
    ["made smaller", 300, 300],
  ])("is one flat colour inside the covers, %s", async (_, maxSide, width) => {
    const pixels = checker(640, 480);
    const covers = await coverUntilClean(pixels, async () => ({ ...nothing, plates: [[0.3, 0.3, 0.5, 0.4]] }));
    const picture = await encodeRedacted(pixels, covers, maxSide);
    expect([picture.width, picture.height]).toEqual([width, (width * 480) / 640]);
    const { data, info } = await sharp(picture.jpeg).raw().toBuffer({ resolveWithObject: true });
    expect(info).toMatchObject({ width, channels: 3 });
    const [{ box }] = picture.covers as [(typeof picture.covers)[0]];
    expect([box.left % 16, box.top % 16, box.right % 16, box.bottom % 16]).toEqual([0, 0, 0, 0]);
    // The decoder blends colour over one pixel at a block's edge.
    const reds = new Set<number | undefined>();
    for (let y = box.top + 1; y < box.bottom - 1; y++)
      for (let x = box.left + 1; x < box.right - 1; x++) reds.add(data[(y * info.width + x) * 3]);
    expect(Math.max(...[...reds].map((red) => Math.abs((red ?? 0) - 72)))).toBeLessThanOrEqual(2);
  });
});
