import { link, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { writeTinyBundles } from "../vision/photo/tiny-bundles.fixture.ts";
import { runBaygateHere } from "./run-baygate.fixture.ts";

let folder: string;
let models: string;
let pictures: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "baygate-redact-"));
  models = join(folder, "models");
  pictures = join(folder, "pictures");
  await mkdir(pictures);
  await writeTinyBundles(models, { plate: [24, 24, 40, 40, 0.9] });
  await sharp({ create: { width: 320, height: 320, channels: 3, background: "#fff" } })
    .withExif({ IFD0: { Make: "someone" } })
    .jpeg()
    .toFile(join(pictures, "car.jpg"));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const redact = (from: string, to: string, ...more: string[]) =>
  runBaygateHere(["redact", from, to, "--models", models, "--data", join(folder, "data"), ...more]);

describe("baygate redact", { timeout: 60_000 }, () => {
  it("covers one picture and lists what was covered, in pixels", async () => {
    const out = join(folder, "out.jpg");
    const { code, out: text } = await redact(join(pictures, "car.jpg"), out, "--json");
    const report = JSON.parse(text);
    expect(report).toMatchObject({ ok: true, failed: [], pictures: [{ out, width: 320, height: 320 }] });
    // 24 to 40 of 64 is 120 to 200 of 320; with 15 % margin 108 to 212, outwards to sixteens.
    expect(report.pictures[0].covered[0]).toEqual({ what: "plate", box: [96, 96, 128, 128] });
    expect(report.models.map(({ role }: { role: string }) => role)).toEqual(["face", "plate", "bay"]);
    const { data, info } = await sharp(await readFile(out))
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect([data[0], data[(160 * info.width + 160) * 3]]).toEqual([255, 72]);
    expect((await sharp(out).metadata()).exif).toBeUndefined();
    expect(code).toBe(0);
  });

  it("covers a folder, and writes nothing for a picture that fails", async () => {
    await sharp({ create: { width: 64, height: 64, channels: 3, background: "#fff" } })
      .png()
      .toFile(join(pictures, "car.png"));
    await writeFile(join(pictures, "letter.jpg"), "not a picture");
    const out = join(folder, "new", "out");
    const { code, out: text } = await redact(pictures, out, "--json");
    const { ok, failed } = JSON.parse(text);
    expect(ok).toBe(false);
    expect(failed).toEqual([
      {
        file: join(pictures, "letter.jpg"),
        code: "PICTURE_NOT_AN_IMAGE",
        message: expect.any(String),
        remedy: expect.any(String),
      },
    ]);
    expect((await readdir(out)).sort()).toEqual(["car.jpg", "car.png.jpg"]);
    expect(code).toBe(1);
  });

  it("takes a name with a slash behind it for a folder that is to be made", async () => {
    const out = `${join(folder, "new")}/`;
    const { code } = await redact(join(pictures, "car.jpg"), out, "--json");
    expect([code, await readdir(out)]).toEqual([0, ["car.jpg"]]);
  });

  it("gives each picture of a folder a file of its own, whatever their names make of each other", async () => {
    await sharp({ create: { width: 64, height: 64, channels: 3, background: "#fff" } })
      .png()
      .toFile(join(pictures, "car.png"));
    await sharp(join(pictures, "car.jpg")).toFile(join(pictures, "car.png.jpg"));
    const out = join(folder, "out");
    const { out: text } = await redact(pictures, out, "--json");
    const outs = JSON.parse(text).pictures.map((picture: { out: string }) => picture.out);
    expect(outs).toEqual(["car.jpg", "car.png.jpg.jpg", "car.png.jpg"].map((name) => join(out, name)));
    expect(await readdir(out)).toHaveLength(3);
  });

  it("says by a code that it cannot write there", async () => {
    const out = join(pictures, "car.jpg", "out.jpg");
    const { code, out: text } = await redact(join(pictures, "car.jpg"), out, "--json");
    expect([code, JSON.parse(text).code]).toEqual([1, "OUTPUT_FILE_UNWRITABLE"]);
  });

  it("says in the asked language what failed and what to do", async () => {
    const { out } = await redact(join(folder, "absent.jpg"), join(folder, "out.jpg"), "--lang", "zh-CN");
    expect(out).toContain("无法读取图片文件");
    expect(out).toContain("请检查路径和文件权限");
  });

  it("never writes over a source, by whatever name", async () => {
    const source = join(pictures, "car.jpg");
    const before = await readFile(source);
    const twin = join(folder, "twin.jpg");
    await link(source, twin);
    for (const out of [source, join(pictures, "..", "pictures", "car.jpg"), pictures, twin]) {
      const { code, out: text } = await redact(source, out, "--json");
      expect([code, JSON.parse(text).code]).toEqual([1, "REDACTION_OVER_SOURCE"]);
    }
    expect(await readFile(source)).toEqual(before);
    expect(await readdir(pictures)).toEqual(["car.jpg"]);
  });

  it("does nothing without all three models", async () => {
    await rm(join(models, "face"), { recursive: true });
    const out = join(folder, "out.jpg");
    const { code, out: text } = await redact(join(pictures, "car.jpg"), out, "--json");
    expect([code, JSON.parse(text).code]).toEqual([1, "REDACTION_NO_MODEL"]);
    expect(await readdir(folder)).not.toContain("out.jpg");
  });
});
