import fc from "fast-check";
import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { GatewayError } from "../../contract/errors.ts";
import { readPictureHeader } from "./picture-header.ts";

const blank = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: "#446688" } });

function codeOf(bytes: Buffer): string {
  try {
    readPictureHeader(bytes);
    return "accepted";
  } catch (error) {
    if (error instanceof GatewayError) return error.code;
    throw error;
  }
}

/** Changes the size in a JPEG's frame header, as a bomb would. */
function withSize(jpeg: Buffer, width: number, height: number): Buffer {
  const patched = Buffer.from(jpeg);
  const frame = patched.findIndex(
    (byte, at) => byte === 0xff && (patched[at + 1] === 0xc0 || patched[at + 1] === 0xc2),
  );
  patched.writeUInt16BE(height, frame + 5);
  patched.writeUInt16BE(width, frame + 7);
  return patched;
}

describe("a picture's header", () => {
  test("tells format and size of JPEG, PNG and WebP without decoding", async () => {
    expect(readPictureHeader(await blank(321, 123).jpeg().toBuffer())).toEqual({
      format: "jpeg",
      width: 321,
      height: 123,
      orientation: 1,
    });
    expect(readPictureHeader(await blank(321, 123).jpeg({ progressive: true }).toBuffer())).toMatchObject({
      format: "jpeg",
      width: 321,
      height: 123,
    });
    expect(readPictureHeader(await blank(64, 48).png().toBuffer())).toEqual({
      format: "png",
      width: 64,
      height: 48,
      orientation: 1,
    });
    expect(readPictureHeader(await blank(65, 47).webp().toBuffer())).toMatchObject({
      format: "webp",
      width: 65,
      height: 47,
    });
    expect(readPictureHeader(await blank(65, 47).webp({ lossless: true }).toBuffer())).toMatchObject({
      format: "webp",
      width: 65,
      height: 47,
    });
  });

  test.each([1, 2, 3, 4, 5, 6, 7, 8])("tells EXIF orientation %i", async (orientation) => {
    expect(readPictureHeader(await blank(40, 20).withMetadata({ orientation }).jpeg().toBuffer())).toMatchObject({
      width: 40,
      height: 20,
      orientation,
    });
  });

  test.each([1, 2, 3, 4, 5, 6, 7, 8])(
    "tells EXIF orientation %i of PNG and WebP as the decoder does",
    async (orientation) => {
      for (const picture of [blank(40, 20).png(), blank(40, 20).webp(), blank(40, 20).webp({ lossless: true })]) {
        const bytes = await picture.withMetadata({ orientation }).toBuffer();
        expect((await sharp(bytes).metadata()).orientation).toBe(orientation);
        expect(readPictureHeader(bytes)).toMatchObject({ width: 40, height: 20, orientation });
      }
    },
  );

  test("reads a PNG or WebP whose EXIF is cut, bent or endless as upright, or refuses it by a code", async () => {
    const files = await Promise.all(
      [blank(40, 20).png(), blank(40, 20).webp()].map((picture) => picture.withMetadata({ orientation: 6 }).toBuffer()),
    );
    fc.assert(
      fc.property(fc.constantFrom(...files), fc.nat(), fc.nat({ max: 255 }), (file, place, byte) => {
        const bent = Buffer.from(file);
        bent[place % bent.length] = byte;
        codeOf(bent);
        codeOf(file.subarray(0, place % file.length));
      }),
    );
  });

  test("refuses a bomb by the size that it claims", async () => {
    const small = await blank(64, 64).jpeg().toBuffer();
    expect(codeOf(withSize(small, 65_500, 65_500))).toBe("PICTURE_TOO_LARGE");
    expect(codeOf(withSize(small, 16_385, 1))).toBe("PICTURE_TOO_LARGE");
    expect(codeOf(withSize(small, 0, 100))).toBe("PICTURE_UNSUPPORTED");
    const png = Buffer.from(await blank(64, 64).png().toBuffer());
    png.writeUInt32BE(30_000, 16);
    expect(codeOf(png)).toBe("PICTURE_TOO_LARGE");
  });

  test("refuses a JPEG that is cut anywhere", async () => {
    const whole = await blank(64, 64).jpeg().toBuffer();
    fc.assert(
      fc.property(fc.integer({ min: 0, max: whole.length - 2 }), (length) =>
        ["PICTURE_TRUNCATED", "PICTURE_NOT_AN_IMAGE"].includes(codeOf(whole.subarray(0, length))),
      ),
    );
  });

  test("does not take the end of an embedded preview for the end of the picture", async () => {
    const whole = await blank(64, 64).jpeg().toBuffer();
    const preview = Buffer.concat([
      Buffer.from([0xff, 0xe1, 0, 8]),
      Buffer.from("ab"),
      Buffer.from([0xff, 0xd9, 0, 0]),
    ]);
    const withPreview = Buffer.concat([whole.subarray(0, 2), preview, whole.subarray(2)]);
    expect(codeOf(withPreview)).toBe("accepted");
    expect(codeOf(withPreview.subarray(0, -2))).toBe("PICTURE_TRUNCATED");
  });

  test("accepts what cameras add behind the end", async () => {
    expect(codeOf(Buffer.concat([await blank(64, 64).jpeg().toBuffer(), Buffer.alloc(37)]))).toBe("accepted");
  });

  test("refuses codings that no camera here needs", async () => {
    const jpeg = await blank(64, 64).jpeg().toBuffer();
    const frame = jpeg.findIndex((byte, at) => byte === 0xff && jpeg[at + 1] === 0xc0);
    const patched = (change: (copy: Buffer) => void) => {
      const copy = Buffer.from(jpeg);
      change(copy);
      return codeOf(copy);
    };
    expect(patched((copy) => copy.writeUInt8(0xc9, frame + 1))).toBe("PICTURE_UNSUPPORTED");
    expect(patched((copy) => copy.writeUInt8(12, frame + 4))).toBe("PICTURE_UNSUPPORTED");
    expect(patched((copy) => copy.writeUInt8(2, frame + 9))).toBe("PICTURE_UNSUPPORTED");
  });

  test("refuses a progressive picture with far more scans than any camera makes", async () => {
    const jpeg = await blank(64, 64).jpeg({ progressive: true }).toBuffer();
    const scan = jpeg.indexOf(Buffer.from([0xff, 0xda]));
    const again = jpeg.subarray(scan, -2);
    expect(codeOf(jpeg)).toBe("accepted");
    expect(
      codeOf(
        Buffer.concat([jpeg.subarray(0, scan), ...Array.from({ length: 80 }, () => again), Buffer.from([0xff, 0xd9])]),
      ),
    ).toBe("PICTURE_UNSUPPORTED");
  });

  test("answers any bytes at all with a code, never with another error", () => {
    const start = fc.constantFrom(
      Buffer.from([0xff, 0xd8, 0xff]),
      Buffer.from("89504e470d0a1a0a", "hex"),
      Buffer.from("RIFF\xff\0\0\0WEBPVP8 ", "latin1"),
      Buffer.alloc(0),
    );
    fc.assert(
      fc.property(
        start,
        fc.uint8Array({ maxLength: 400 }),
        (head, rest) => typeof codeOf(Buffer.concat([head, rest])) === "string",
      ),
    );
    expect(codeOf(Buffer.alloc(0))).toBe("PICTURE_NOT_AN_IMAGE");
    expect(codeOf(Buffer.from("GIF89a........."))).toBe("PICTURE_NOT_AN_IMAGE");
    expect(codeOf(Buffer.from("<svg xmlns='http://www.w3.org/2000/svg'/>"))).toBe("PICTURE_NOT_AN_IMAGE");
  });
});
