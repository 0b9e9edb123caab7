import { describe, expect, test } from "vitest";
import { ascParser } from "./asc.ts";
import { inShort, readInAnyPieces } from "./pieces.fixture.ts";

const read = (...lines: readonly string[]) => readInAnyPieces(ascParser, `${lines.join("\r\n")}\r\n`).map(inShort);

describe("Vector ASC", () => {
  test("classic frames in hex, with everything that stands around them", () => {
    expect(
      read(
        "date Sam Sep 30 15:06:13.191 2017",
        "base hex  timestamps absolute",
        "internal events logged",
        "// version 9.0.0",
        "Begin Triggerblock Sam Sep 30 15:06:13.191 2017",
        "   0.000000 Start of measurement",
        "   0.015991 CAN 1 Status:chip status error active",
        "   1.015991 1  Statistic: D 0 R 0 XD 0 XR 0 E 0 O 0 B 0.00%",
        "   2.501000 1  18EBFF00x       Rx   d 8 01 A0 0F A6 60 3B D1 40  Length = 273910 BitCount = 141 ID = 418119424x",
        "   2.510001 2  100             Tx   r",
        "   2.520002 2  C8              Rx   d 1 AB",
        "   2.530000 1  7FF             TxRq d 0",
        "   3.148421 1  ErrorFrame  ECC: 10100010",
        "   4.000000 1  7E8             Rx   d f 01 02 03 04 05 06 07 08",
        "   4.100000 1  7E8             Rx   d 2 01",
        "   5.0 LIN 1 something",
        "End TriggerBlock",
      ),
    ).toEqual([
      "0 - - note Start of measurement",
      "15.991 - - note CAN 1 Status:chip status error active",
      "1015.991 - - note 1 Statistic: D 0 R 0 XD 0 XR 0 E 0 O 0 B 0.00%",
      "2501 1 rx 18EBFF00#01A00FA6603BD140",
      "2510.001 2 tx remote 100",
      "2520.002 2 rx 0C8#AB",
      "2530 - - note 1 7FF TxRq d 0",
      "3148.421 1 - error ErrorFrame ECC: 10100010",
      "4000 1 rx 7E8#0102030405060708",
      "unreadable 15:    4.100000 1  7E8             Rx   d 2 01",
      "5000 - - note LIN 1 something",
    ]);
  });

  test("decimal numbers and relative times", () => {
    expect(
      read(
        "base dec  timestamps relative",
        "0.5 1 2024 Rx d 3 3 65 12",
        "0.25 1 417001744x Rx d 1 255",
        "0.25 1 5 Rx d 1 256",
        "0.25 1 6 Rx d 1 0A",
      ),
    ).toEqual([
      "500 1 rx 7E8#03410C",
      "750 1 rx 18DAF110#FF",
      "unreadable 4: 0.25 1 5 Rx d 1 256",
      "unreadable 5: 0.25 1 6 Rx d 1 0A",
    ]);
  });

  test("CANFD lines with and without a symbolic name", () => {
    const tail = "102203 133 303000 e0006659 46500250 4b140250 20011736 2001040d";
    expect(
      read(
        `30.005021 CANFD 1 Rx 300 1 0 8 8 01 02 03 04 05 06 07 08 ${tail}`,
        `30.1 CANFD 1 Tx 18fef100x Speed_Msg 1 0 9 12 01 02 03 04 05 06 07 08 09 0a 0b 0c ${tail}`,
        "30.2 CANFD 2 Rx 123 0 0 2 2 AA BB 102203 133 200000 0",
        "30.3 CANFD 2 Rx 123 0 0 2 0 102203 133 10 0",
        "30.4 CANFD 1 Rx ErrorFrame Not Acknowledge error, dominant error flag",
        `30.5 CANFD 1 Rx 300 1 0 9 13 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d ${tail}`,
        `30.6 CANFD 1 Rx 300 1 0 f 64 ${"00 ".repeat(63)}`,
      ),
    ).toEqual([
      "30005.021 1 rx 300##0102030405060708",
      "30100 1 tx 18FEF100##0102030405060708090A0B0C",
      "30200 2 rx 123#AABB",
      "30300 2 rx remote 123",
      "30400 1 rx error ErrorFrame Not Acknowledge error, dominant error flag",
      expect.stringContaining("unreadable 6"),
      expect.stringContaining("unreadable 7"),
    ]);
  });

  test("lines that belong to no such log are named", () => {
    expect(read("hello", "1.0 1 123 Rx x 8")).toEqual(["unreadable 1: hello", "unreadable 2: 1.0 1 123 Rx x 8"]);
  });
});
