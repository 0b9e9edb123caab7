import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runBaygateHere } from "./run-baygate.fixture.ts";

let folder: string;
let photo: string;

/** The printed card itself, 75 mm wide, at six pixels a millimetre: 50 mm of marker with a "scratch" of 100 mm drawn below it. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "baygate-measure-"));
  const card = join(folder, "card.svg");
  expect((await runBaygateHere(["marker-card", card, "--marker-mm", "50", "--id", "3"])).code).toBe(0);
  photo = join(folder, "photo.png");
  // The gateway itself reads no SVG.
  sharp.unblock({ operation: ["VipsForeignLoadSvg"] });
  const printed = await sharp(await readFile(card), { density: 300 })
    .resize({ width: 450 })
    .png()
    .toBuffer();
  const bytes = await sharp({ create: { width: 900, height: 900, channels: 3, background: "#999" } })
    .composite([{ input: printed, left: 40, top: 40 }])
    .png()
    .toBuffer();
  await writeFile(photo, bytes);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** 600 × 12 pixels, that is 100 × 2 mm. */
const SCRATCH = "100,700 700,700 700,712 100,712";

const measured = async (...words: string[]) => {
  const { code, out, errors } = await runBaygateHere([
    "measure",
    photo,
    "--config",
    join(folder, "none.yaml"),
    ...words,
  ]);
  return { code, out, errors };
};

const asJson = async (...words: string[]) => {
  const { code, out } = await measured(...words, "--json");
  const document: unknown = JSON.parse(out);
  return { code, document };
};

describe("baygate measure", { timeout: 60_000 }, () => {
  it("measures by the card that baygate marker-card writes", async () => {
    const { code, document } = await asJson("--box", "80,680,640,60", "--outline", SCRATCH, "--marker-mm", "50");
    expect(code).toBe(0);
    expect(document).toMatchObject({
      ok: true,
      decision: "one-method",
      agreement: null,
      markers: [{ dictionary: "apriltag-36h11", id: 3 }],
      estimates: [{ method: "marker" }],
      region: { source: "outline", pieces: 1, cutOff: false },
      size: { lengthCm: { value: expect.closeTo(10, 0) }, areaCm2: { value: expect.closeTo(2, 0) } },
    });
  });

  it("says the size, how it came about, and that one method alone said it, in both languages", async () => {
    const english = await measured("--outline", SCRATCH, "--marker-mm", "50", "--lang", "en");
    expect(english.out).toMatch(/✓ length [\d.]+ \([\d.]+–[\d.]+\) cm, width .* by one method only/);
    expect(english.out).toContain("marker card (apriltag-36h11 3, 50 mm)");
    const chinese = await measured("--outline", SCRATCH, "--marker-mm", "50", "--lang", "zh-CN");
    expect(chinese.out).toMatch(/✓ 长 [\d.]+ .*仅由一种方法得出/);
  });

  it("takes the card's side and the camera's plane from the configuration, and leaves contradictions to a person", async () => {
    const config = join(folder, "shop.yaml");
    const points = (metresPerPicture: number) =>
      [
        [0.1, 0.1],
        [0.9, 0.1],
        [0.9, 0.9],
        [0.1, 0.9],
      ].map((at) => ({ at, metres: at.map((side) => side * metresPerPicture) }));
    // 900 pixels are 150 mm; the second camera was measured wrongly.
    const cameras = { north: { plane: { points: points(0.15) } }, south: { plane: { points: points(0.19) } } };
    const shop = { name: "x", gateway: "x", timeZone: "UTC" };
    await writeFile(config, JSON.stringify({ shop, bays: {}, cameras, vision: { markerMm: 50 } }));
    const right = await asJson("--outline", SCRATCH, "--config", config, "--homography", "north");
    expect(right).toMatchObject({ code: 0, document: { decision: "agreed", agreement: { agree: true } } });
    const wrong = await asJson("--outline", SCRATCH, "--config", config, "--homography", "south");
    expect(wrong).toMatchObject({ code: 0, document: { decision: "person", reason: "methods-differ", size: null } });
    const spoken = await measured("--outline", SCRATCH, "--config", config, "--homography", "south", "--lang", "en");
    expect(spoken.out).toContain("A person decides: the methods contradict each other");
    const file = join(folder, "plane.yaml");
    await writeFile(file, JSON.stringify({ points: points(0.15) }));
    const byFile = await asJson("--outline", SCRATCH, "--homography", file);
    expect(byFile).toMatchObject({ code: 0, document: { decision: "one-method", estimates: [{ method: "camera" }] } });
  });

  it("measures by a part of known size", async () => {
    const { document } = await asJson("--outline", SCRATCH, "--reference", "0,0,900,900", "--reference-mm", "150x150");
    expect(document).toMatchObject({
      estimates: [{ method: "part", lengthCm: { value: expect.closeTo(10, 0) } }],
      unused: [{ method: "marker", why: "size-unknown" }],
    });
  });

  it("without anything of known size gives no size but a code and a remedy", async () => {
    const { code, document } = await asJson("--outline", SCRATCH, "--lang", "zh-CN");
    expect(code).toBe(1);
    expect(document).toMatchObject({ ok: false, code: "SIZE_NO_REFERENCE", remedy: expect.stringContaining("标记卡") });
  });

  it.each([
    [["--marker-mm", "50"], "SIZE_OPTION_INVALID"],
    [["--box", "1,2,3", "--marker-mm", "50"], "SIZE_OPTION_INVALID"],
    [["--box", "1,2,3,four", "--marker-mm", "50"], "SIZE_OPTION_INVALID"],
    [["--box", "1,2,1e9,4", "--marker-mm", "50"], "SIZE_OPTION_INVALID"],
    [["--box", "Infinity,2,3,4", "--marker-mm", "50"], "SIZE_OPTION_INVALID"],
    [["--box", "10,10,0,0", "--marker-mm", "50"], "SIZE_BOX_INVALID"],
    [["--box", "5000,5000,10,10", "--marker-mm", "50"], "SIZE_BOX_INVALID"],
    [["--box", "10,10,50,50", "--marker-mm", "-3"], "SIZE_OPTION_INVALID"],
    [["--box", "10,10,50,50", "--marker-mm", "NaN"], "SIZE_OPTION_INVALID"],
    [["--outline", "1,1 2,2 3,3", "--marker-mm", "50"], "SIZE_OPTION_INVALID"],
    [["--outline", "1,1 2,x", "--marker-mm", "50"], "SIZE_OPTION_INVALID"],
    [["--box", "10,10,50,50", "--reference", "1,1,5,5"], "SIZE_OPTION_INVALID"],
    [["--box", "10,10,50,50", "--reference", "1,1,5,5", "--reference-mm", "1x2x3"], "SIZE_OPTION_INVALID"],
    [["--box", "10,10,50,50", "--homography", "nowhere"], "SIZE_PLANE_INVALID"],
    [["--box", "10,10,50,50", "--homography", "./absent.yaml"], "SIZE_PLANE_INVALID"],
    [["--box", "10,10,50,50", "--marker-mm", "50", "--label", "scrach"], "SIZE_OPTION_INVALID"],
    [["--outline", SCRATCH, "--box", "0,0,20,20", "--marker-mm", "50"], "SIZE_NO_DAMAGE"],
  ])("refuses %j with %s", async (words, code) => {
    expect(await asJson(...words)).toMatchObject({ code: 1, document: { ok: false, code } });
  });

  it("refuses files that are no pictures, and planes that are none", async () => {
    const words = ["--outline", SCRATCH, "--marker-mm", "50", "--json"];
    const text = join(folder, "text.jpg");
    await writeFile(text, "hello");
    const folderOnly = join(folder, "folder.jpg");
    await mkdir(folderOnly);
    for (const [file, code] of [
      [text, "PICTURE_NOT_AN_IMAGE"],
      [folderOnly, "PICTURE_FILE_UNREADABLE"],
      [join(folder, "absent.jpg"), "PICTURE_FILE_UNREADABLE"],
    ] as const)
      expect(JSON.parse((await runBaygateHere(["measure", file, ...words])).out)).toMatchObject({ code });
    const at = (x: number, y: number) => ({ at: [x, y], metres: [x, y] });
    for (const [index, content] of [
      "not: [a plane",
      "points: []",
      JSON.stringify({ points: [at(0, 0), at(0.1, 0.1), at(0.2, 0.2), at(0.3, 0.3)] }),
      JSON.stringify({ points: [at(0, 0), at(1, 0), at(1, 1), at(0, 7)] }),
      JSON.stringify({
        points: [at(0, 0), at(1, 0), { ...at(1, 1), metres: [0, 1] }, { ...at(0, 1), metres: [1, 1] }],
      }),
    ].entries()) {
      const file = join(folder, `plane-${index}.yaml`);
      await writeFile(file, content);
      expect(await asJson("--outline", SCRATCH, "--homography", file)).toMatchObject({
        code: 1,
        document: { code: "SIZE_PLANE_INVALID" },
      });
    }
  });
});
