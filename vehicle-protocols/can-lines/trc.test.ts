import { describe, expect, test } from "vitest";
import { inShort, readInAnyPieces } from "./pieces.fixture.ts";
import { trcParser } from "./trc.ts";

const read = (...lines: readonly string[]) => readInAnyPieces(trcParser, `${lines.join("\r\n")}\r\n`).map(inShort);

describe("PEAK TRC", () => {
  test("version 1.0, which names no version", () => {
    expect(
      read(
        ";##########################################################################",
        ";   C:\\Trace.trc",
        ";----+- ---+--- ----+--- + -+ -- -- -- -- -- -- --",
        "     1)    1841      0001 8 00 01 02 03 04 05 06 07",
        "     2)    1842  18DAF110 2 41 0C",
        "     3)    1843      07DF 3 RTR",
        "     4)    1844  FFFFFFFF 4 00 00 00 08 BUSHEAVY",
      ),
    ).toEqual([
      "1841 - rx 001#0001020304050607",
      "1842 - rx 18DAF110#410C",
      "1843 - rx remote 7DF",
      "1844 - rx note FFFFFFFF 4 00 00 00 08 BUSHEAVY",
    ]);
  });

  test("versions 1.1 and 1.3, with directions, buses and errors", () => {
    expect(
      read(
        ";$FILEVERSION=1.1",
        ";$STARTTIME=25569.5",
        "     1)      1059.9  Rx         0300  2  01 02 ",
        "     2)      1283.2  Tx     18DAF110  0 ",
        "     3)      1298.9  Error      0008  4  00 19 08 08",
        "     4)      1323.0  Warng  FFFFFFFF  4  00 00 00 08  BUSHEAVY",
      ),
    ).toEqual([
      "43201059.9 - rx 300#0102",
      "43201283.2 - tx 18DAF110#",
      "43201298.9 - - error Error 0008 4 00 19 08 08",
      "43201323 - - note Warng FFFFFFFF 4 00 00 00 08 BUSHEAVY",
    ]);
    expect(read(";$FILEVERSION=1.3", "     1)      1059.900 2  Rx        0300 -  2    01 02 ")).toEqual([
      "1059.9 2 rx 300#0102",
    ]);
    expect(read(";$FILEVERSION=1.2", "     1)      1059.900 2  Rx        0300 1    01 ")).toEqual([
      "1059.9 2 rx 300#01",
    ]);
  });

  test("versions 2.0 and 2.1, with CAN FD in bytes or length codes", () => {
    expect(
      read(
        ";$FILEVERSION=2.0",
        ";$COLUMNS=N,O,T,I,d,l,D",
        "      1      1059.900 DT     0300 Rx 7  00 00 00 00 04 00 00",
        "      2      1283.231 FB 18DAF110 Tx 12 01 02 03 04 05 06 07 08 09 0A 0B 0C",
        "      3      1298.945 RR     0400 Rx 4",
        "      4      1323.201 ST          Rx    00 00 00 08",
        "      5      1334.416 ER          Rx    04 00 02 00 00",
        "      6      1334.500 FD     0300 Rx 65  00",
        "      7      1334.500 XX     0300 Rx 1  00",
      ),
    ).toEqual([
      "1059.9 - rx 300#00000000040000",
      "1283.231 - tx 18DAF110##0102030405060708090A0B0C",
      "1298.945 - rx remote 400",
      expect.stringMatching(/^1323.201 - \S+ note/),
      expect.stringMatching(/^1334.416 - \S+ error/),
      expect.stringContaining("unreadable 8"),
      expect.stringContaining("unreadable 9"),
    ]);
    expect(
      read(
        ";$FILEVERSION=2.1",
        ";$COLUMNS=N,O,T,B,I,d,R,L,D",
        "      1      1059.900 FD 1      0300 Rx -  9    01 02 03 04 05 06 07 08 09 0A 0B 0C",
        "      2      1059.950 DT 2      0301 Tx -  9    01 02 03 04 05 06 07 08",
        "      3      1059.950 DT 2      0301 Tx -  3    01 02",
      ),
    ).toEqual([
      "1059.9 1 rx 300##0102030405060708090A0B0C",
      "1059.95 2 tx 301#0102030405060708",
      expect.stringContaining("unreadable 5"),
    ]);
  });

  test("a version that is not known, and lines that are none", () => {
    expect(read(";$FILEVERSION=3.0", "hello", "1) 5 0300 9 00")).toEqual([
      "unreadable 1: ;$FILEVERSION=3.0",
      "unreadable 2: hello",
      "unreadable 3: 1) 5 0300 9 00",
    ]);
  });
});
