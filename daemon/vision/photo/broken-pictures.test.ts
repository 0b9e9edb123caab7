import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp, { type Sharp } from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ERRORS, isErrorCode } from "../../../contract/errors.ts";
import { detectImages } from "../detect-images.ts";
import type { PhotoBundles } from "./photo-look.ts";
import { PhotoLooker } from "./photo-looker.ts";
import { writeTinyBundles } from "./tiny-bundles.fixture.ts";

let folder: string;
let bundles: PhotoBundles;
let looker: PhotoLooker;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "baygate-broken-"));
  bundles = await writeTinyBundles(folder, {});
  looker = await PhotoLooker.open(bundles, ["cpu"]);
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** What comes of it as a photo, and by `vision detect`: width × height of what was read, or a code. */
async function bothWays(bytes: Buffer): Promise<readonly [photo: string, detect: string]> {
  const photo = await looker.look(bytes).then(
    ({ width, height }) => `${width} × ${height}`,
    (error: { code: string }) => error.code,
  );
  const file = join(folder, "picture.jpg");
  await writeFile(file, bytes);
  const report = await detectImages("damage", [file], { bundleFolder: bundles.damage, providers: ["cpu"] });
  const [image] = report.images;
  return [photo, image === undefined ? (report.failed[0]?.code ?? "nothing") : `${image.width} × ${image.height}`];
}

const picture = (width = 96, height = 64) =>
  sharp(Buffer.from(Uint8Array.from({ length: width * height * 3 }, (_, at) => (at * 7919) % 251)), {
    raw: { width, height, channels: 3 },
  });
const jpeg = () => picture().jpeg().toBuffer();
const png = () => picture().png().toBuffer();
const cut = (bytes: Buffer, end = Buffer.alloc(0)) => Buffer.concat([bytes.subarray(0, bytes.length * 0.6), end]);
const EOI = Buffer.from([0xff, 0xd9]);

/** The size in a JPEG's frame header (SOF0: length, precision, height, width) is exchanged; the content stays as small as it was. */
function claiming(bytes: Buffer, width: number, height: number): Buffer {
  const bomb = Buffer.from(bytes);
  const at = bomb.indexOf(Buffer.from([0xff, 0xc0]));
  bomb.writeUInt16BE(height, at + 5);
  bomb.writeUInt16BE(width, at + 7);
  return bomb;
}

/** The first bytes of an HEIC file as phones write it: a `ftyp` box with its brands, then nothing that a decoder here would read. */
const heic = Buffer.concat([Buffer.from([0, 0, 0, 24]), Buffer.from("ftypheic\0\0\0\0mif1heic"), Buffer.alloc(400)]);
/** An empty ZIP archive: its end record. */
const zip = Buffer.concat([Buffer.from("PK\u0005\u0006"), Buffer.alloc(18)]);

describe("broken and hostile pictures, as photos and by vision detect", () => {
  test.each<[string, () => Promise<Buffer> | Buffer, string]>([
    ["no bytes", () => Buffer.alloc(0), "PICTURE_NOT_AN_IMAGE"],
    ["text", () => Buffer.from("this is a letter, not a photo"), "PICTURE_NOT_AN_IMAGE"],
    ["a ZIP archive", () => zip, "PICTURE_NOT_AN_IMAGE"],
    ["a GIF, animated or not", () => picture().gif().toBuffer(), "PICTURE_NOT_AN_IMAGE"],
    ["SVG", () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), "PICTURE_NOT_AN_IMAGE"],
    ["HEIC", () => heic, "PICTURE_UNSUPPORTED"],
    ["AVIF", () => picture().avif({ effort: 0 }).toBuffer(), "PICTURE_UNSUPPORTED"],
    ["a truncated JPEG", async () => cut(await jpeg()), "PICTURE_TRUNCATED"],
    ["a truncated JPEG that pretends to have an end", async () => cut(await jpeg(), EOI), "PICTURE_UNREADABLE"],
    ["a truncated PNG", async () => cut(await png()), "PICTURE_TRUNCATED"],
    [
      "a truncated PNG that pretends to have an end",
      async () => cut(await png(), (await png()).subarray(-12)),
      "PICTURE_UNREADABLE",
    ],
    ["a truncated WebP", async () => cut(await picture().webp().toBuffer()), "PICTURE_TRUNCATED"],
    ["a bomb of 200 megapixels", async () => claiming(await jpeg(), 16_000, 12_500), "PICTURE_TOO_LARGE"],
    [
      "a JPEG of 24 megapixels whose content is a few rows",
      async () => claiming(await jpeg(), 6000, 4000),
      "PICTURE_UNREADABLE",
    ],
    ["a JPEG of no height", async () => claiming(await jpeg(), 96, 0), "PICTURE_UNSUPPORTED"],
  ])("%s is refused", async (_, make, code) => {
    expect(await bothWays(await make())).toEqual([code, code]);
    if (!isErrorCode(code)) throw new Error(`${code} is no code`);
    expect(ERRORS[code].remedy.en.length * ERRORS[code].remedy["zh-CN"].length).toBeGreaterThan(0);
  });

  test.each<[string, (image: Sharp) => Promise<Buffer>, string]>([
    ["a CMYK JPEG", (image) => image.toColourspace("cmyk").jpeg().toBuffer(), "96 × 64"],
    ["a PNG of 16 bits", (image) => image.toColourspace("rgb16").png().toBuffer(), "96 × 64"],
    ["a grey PNG with transparency", (image) => image.greyscale().ensureAlpha(0.5).png().toBuffer(), "96 × 64"],
    [
      "a JPEG with an archive behind it",
      async (image) => Buffer.concat([await image.jpeg().toBuffer(), zip]),
      "96 × 64",
    ],
    ["a JPEG turned by its EXIF", (image) => image.withMetadata({ orientation: 6 }).jpeg().toBuffer(), "64 × 96"],
  ])("%s is read", async (_, make, size) => {
    expect(await bothWays(await make(picture()))).toEqual([size, size]);
  });

  test("of an animated WebP the first picture is read", async () => {
    const frames = [await png(), await picture().negate().png().toBuffer()];
    const animated = await sharp(frames, { join: { animated: true } })
      .webp()
      .toBuffer();
    expect(await bothWays(animated)).toEqual(["96 × 64", "96 × 64"]);
  });

  test("what hides behind a JPEG's end does not come out", async () => {
    const secret = Buffer.from("PK\u0003\u0004 a file that rides along");
    const { picture: redacted } = await looker.look(Buffer.concat([await jpeg(), secret]));
    expect(redacted.includes("rides along")).toBe(false);
    expect(redacted.subarray(-2)).toEqual(EOI);
  });
});
