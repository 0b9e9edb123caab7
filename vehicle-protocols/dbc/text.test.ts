import { expect, test } from "vitest";
import { parsed } from "./file.fixture.ts";

function unitOf(unit: Uint8Array | readonly number[]): readonly [unit: string | undefined, encoding: string] {
  const before = Buffer.from('BO_ 1 M: 8 A\n SG_ S : 0|8@1+ (1,0) [0|0] "');
  const file = parsed(Buffer.concat([before, Buffer.from(unit), Buffer.from('" A\n')]));
  return [file.messages[0]?.signals[0]?.unit, file.textEncoding];
}

test("UTF-8 is known by its form, whatever the language", () => {
  expect(unitOf(Buffer.from("°C"))).toEqual(["°C", "utf-8"]);
  expect(unitOf(Buffer.from("千瓦时"))).toEqual(["千瓦时", "utf-8"]);
});

test("a lone degree sign is Windows-1252, though with the C behind it it would also be a GBK character", () => {
  expect(unitOf([0xb0, 0x43])).toEqual(["°C", "windows-1252"]);
  expect(unitOf(Buffer.from("Größe für Öl", "latin1"))).toEqual(["Größe für Öl", "windows-1252"]);
});

test("Chinese text in GBK is known by its pairs", () => {
  expect(unitOf([0xb3, 0xb5, 0xcb, 0xd9])).toEqual(["车速", "gb18030"]);
  expect(unitOf([0xa1, 0xe6])).toEqual(["℃", "gb18030"]);
});

test("a byte order mark settles the matter", () => {
  const text = 'BO_ 1 M: 8 A\n SG_ S : 0|8@1+ (1,0) [0|0] "°C" A\n';
  for (const bytes of [Buffer.from(`\ufeff${text}`), Buffer.from(`\ufeff${text}`, "utf16le")]) {
    expect(parsed(bytes).messages[0]?.signals[0]?.unit).toBe("°C");
  }
});
