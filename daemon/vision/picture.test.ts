import sharp, { type Sharp } from "sharp";
import { describe, expect, test } from "vitest";
import { GatewayError } from "../../contract/errors.ts";
import { createInputTensor } from "./input-tensor.ts";
import { decodeFully, decodePicture } from "./picture.ts";
import type { ModelInput } from "./registry/manifest.ts";

const input: ModelInput = {
  name: "image",
  width: 64,
  height: 64,
  layout: "nhwc-uint8",
  channels: "bgr",
  letterbox: { anchor: "top-left", pad: 114 },
};

/** Left half red, right half blue. */
const halves = (width = 200, height = 100) =>
  sharp({ create: { width, height, channels: 3, background: "#0000ff" } }).composite([
    { input: { create: { width: width / 2, height, channels: 3, background: "#ff0000" } }, left: 0, top: 0 },
  ]);

async function codeOf(bytes: Buffer): Promise<string> {
  try {
    await decodePicture(bytes, input);
    return "accepted";
  } catch (error) {
    if (error instanceof GatewayError) return error.code;
    throw error;
  }
}

/** The strongest channel of a pixel in the decoded picture. */
async function colourAt(bytes: Buffer, u: number, v: number): Promise<string> {
  const { rgb, letterbox } = await decodePicture(bytes, input);
  const at =
    (Math.floor(v * letterbox.contentHeight) * letterbox.contentWidth + Math.floor(u * letterbox.contentWidth)) * 3;
  const [red = 0, green = 0, blue = 0] = rgb.subarray(at, at + 3);
  if (red > 1.5 * Math.max(green, blue)) return "red";
  return blue > 1.3 * Math.max(red, green) ? "blue" : `${red},${green},${blue}`;
}

describe("pictures of every kind", () => {
  test.each([
    ["JPEG", (image: Sharp) => image.jpeg()],
    ["progressive JPEG", (image: Sharp) => image.jpeg({ progressive: true })],
    ["JPEG without chroma subsampling", (image: Sharp) => image.jpeg({ chromaSubsampling: "4:4:4" })],
    ["CMYK JPEG", (image: Sharp) => image.toColourspace("cmyk").jpeg()],
    ["PNG", (image: Sharp) => image.png()],
    ["palette PNG", (image: Sharp) => image.png({ palette: true })],
    ["PNG of 16 bits", (image: Sharp) => image.toColourspace("rgb16").png()],
    ["PNG with transparency", (image: Sharp) => image.ensureAlpha().png()],
    ["WebP", (image: Sharp) => image.webp()],
  ])("%s is red on the left and blue on the right", async (_, encode) => {
    const bytes = await encode(halves()).toBuffer();
    expect([await colourAt(bytes, 0.2, 0.5), await colourAt(bytes, 0.8, 0.5)]).toEqual(["red", "blue"]);
  });

  test("a grey picture has three equal channels", async () => {
    const flat = await halves().removeAlpha().png().toBuffer();
    const { rgb } = await decodePicture(await sharp(flat).greyscale().jpeg().toBuffer(), input);
    expect(rgb.length).toBe(64 * 32 * 3);
    expect(rgb[0]).toBe(rgb[2]);
  });

  test("a picture that was taken upside down is turned upright", async () => {
    expect(await colourAt(await halves().withMetadata({ orientation: 3 }).jpeg().toBuffer(), 0.2, 0.5)).toBe("blue");
    const turned = await halves().withMetadata({ orientation: 6 }).jpeg().toBuffer();
    expect((await decodePicture(turned, input)).letterbox).toMatchObject({
      sourceWidth: 100,
      sourceHeight: 200,
      contentWidth: 32,
      contentHeight: 64,
    });
    expect([await colourAt(turned, 0.5, 0.2), await colourAt(turned, 0.5, 0.8)]).toEqual(["red", "blue"]);
  });

  test.each([
    ["PNG", (image: Sharp) => image.png()],
    ["WebP", (image: Sharp) => image.webp()],
  ])("so is one in %s, whose EXIF says the same", async (_, encode) => {
    const turned = await encode(halves().withMetadata({ orientation: 6 })).toBuffer();
    expect(await decodeFully(turned)).toMatchObject({ width: 100, height: 200 });
    expect((await decodePicture(turned, input)).letterbox).toMatchObject({ sourceWidth: 100, sourceHeight: 200 });
    expect([await colourAt(turned, 0.5, 0.2), await colourAt(turned, 0.5, 0.8)]).toEqual(["red", "blue"]);
    const mirrored = await encode(halves().withMetadata({ orientation: 2 })).toBuffer();
    expect(await colourAt(mirrored, 0.2, 0.5)).toBe("blue");
  });

  test("a scan header that cameras' firmware writes wrongly is no damage, and hides none", async () => {
    const whole = await halves().jpeg().toBuffer();
    const scan = whole.indexOf(Buffer.from([0xff, 0xda]));
    const odd = Buffer.from(whole);
    // Three components: length, count, three times two bytes, then the first and the last coefficient.
    odd[scan + 12] = 0;
    const before = Buffer.from(odd);
    expect((await decodeFully(odd)).rgb.equals((await decodeFully(whole)).rgb)).toBe(true);
    expect(odd.equals(before)).toBe(true);
    const cut = Buffer.concat([odd.subarray(0, scan + 20), Buffer.from([0xff, 0xd9])]);
    expect(await codeOf(cut)).toBe("PICTURE_UNREADABLE");
  });

  test("of an animation the first picture is taken", async () => {
    const frame = (background: string) =>
      sharp({ create: { width: 40, height: 40, channels: 3, background } })
        .png()
        .toBuffer();
    const animated = await sharp([await frame("#ff0000"), await frame("#0000ff")], { join: { animated: true } })
      .webp({ lossless: true })
      .toBuffer();
    expect(await colourAt(animated, 0.5, 0.5)).toBe("red");
    expect((await decodePicture(animated, input)).letterbox).toMatchObject({ sourceWidth: 40, sourceHeight: 40 });
  });

  test("what is not a picture is refused with its code", async () => {
    const jpeg = await halves().jpeg().toBuffer();
    expect(await codeOf(Buffer.alloc(0))).toBe("PICTURE_NOT_AN_IMAGE");
    expect(await codeOf(Buffer.from("hello, this is text"))).toBe("PICTURE_NOT_AN_IMAGE");
    expect(await codeOf(await halves().gif().toBuffer())).toBe("PICTURE_NOT_AN_IMAGE");
    expect(await codeOf(await halves().tiff().toBuffer())).toBe("PICTURE_NOT_AN_IMAGE");
    expect(await codeOf(jpeg.subarray(0, jpeg.length / 2))).toBe("PICTURE_TRUNCATED");
    expect(await codeOf(await halves(6000, 5000).jpeg().toBuffer())).toBe("PICTURE_TOO_LARGE");
  });

  test("a cut-off picture that pretends to have an end is refused by the decoder", async () => {
    const noise = Buffer.from(Uint8Array.from({ length: 300 * 300 * 3 }, (_, at) => (at * 7919) % 251));
    const jpeg = await sharp(noise, { raw: { width: 300, height: 300, channels: 3 } })
      .jpeg()
      .toBuffer();
    expect(await codeOf(Buffer.concat([jpeg.subarray(0, jpeg.length / 2), Buffer.from([0xff, 0xd9])]))).toBe(
      "PICTURE_UNREADABLE",
    );
    const png = await halves().png().toBuffer();
    expect(await codeOf(Buffer.concat([png.subarray(0, 45), png.subarray(-12)]))).toBe("PICTURE_UNREADABLE");
  });

  test("other loaders than the three do not exist in this process", async () => {
    await expect(
      sharp(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')).png().toBuffer(),
    ).rejects.toThrow();
    await expect(sharp(Buffer.from("GIF89a\x01\0\x01\0\0\0\0;", "latin1")).png().toBuffer()).rejects.toThrow();
  });
});

describe("the input tensor", () => {
  const red = () =>
    sharp({ create: { width: 20, height: 10, channels: 3, background: { r: 200, g: 100, b: 50 } } })
      .png()
      .toBuffer();

  test("of bytes holds BGR rows and padding, also after a picture of another shape", async () => {
    const tensor = createInputTensor(input);
    const tall = await decodePicture(
      await sharp({ create: { width: 10, height: 40, channels: 3, background: "white" } })
        .png()
        .toBuffer(),
      input,
    );
    tensor.fill(tall.rgb, tall.letterbox);
    const wide = await decodePicture(await red(), input);
    tensor.fill(wide.rgb, wide.letterbox);
    const data = tensor.tensor.data as Uint8Array;
    expect(tensor.tensor.dims).toEqual([1, 64, 64, 3]);
    expect([...data.subarray(0, 3)]).toEqual([50, 100, 200]);
    expect([...data.subarray((32 * 64 - 1) * 3, 32 * 64 * 3)]).toEqual([50, 100, 200]);
    expect(new Set(data.subarray(32 * 64 * 3))).toEqual(new Set([114]));
  });

  test("of floats holds planes in the card's range, centred", async () => {
    const centred: ModelInput = {
      ...input,
      layout: "nchw-float32",
      channels: "rgb",
      range: "0-1",
      letterbox: { anchor: "centre", pad: 114 },
    };
    const tensor = createInputTensor(centred);
    const picture = await decodePicture(await red(), centred);
    tensor.fill(picture.rgb, picture.letterbox);
    const data = tensor.tensor.data as Float32Array;
    const at = (plane: number, x: number, y: number) => Math.round((data[plane * 64 * 64 + y * 64 + x] ?? 0) * 255);
    expect(tensor.tensor.dims).toEqual([1, 3, 64, 64]);
    expect([at(0, 0, 16), at(1, 0, 16), at(2, 63, 47)]).toEqual([200, 100, 50]);
    expect([at(0, 0, 15), at(2, 63, 48)]).toEqual([114, 114]);
  });
});
