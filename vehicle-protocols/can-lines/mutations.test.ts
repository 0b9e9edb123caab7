import { describe, test } from "vitest";
import { fromHex } from "../can-frame.ts";
import { type Mutator, mutateBytes, mutateText, surviveMutations } from "../mutations.fixture.ts";
import { ascParser, type CanLineParser, candumpParser, gvretParser, slcanParser, trcParser } from "./index.ts";
import { readAll } from "./pieces.fixture.ts";

const LOGS: readonly (readonly [name: string, create: () => CanLineParser<unknown>, seeds: readonly string[]])[] = [
  [
    "candump",
    candumpParser,
    [
      "(1436509052.249713) vcan0 044#2A366C2BBA\n(1) can0 1F334455##1112233 T\n(1) can0 123#R8_E\n",
      " (2023-07-01 12:34:56.5)  can0  TX B E  123  [04]  01 02 03 04\n  can0  20000080   [1]  00  ERRORFRAME\n",
    ],
  ],
  [
    "ASC",
    ascParser,
    [
      "base hex  timestamps relative\n 2.5 1 18EBFF00x Rx d 2 01 A0 Length = 2\n 2.6 2 100 Tx r\n 3 1 ErrorFrame\n",
      "base dec timestamps absolute\n30.1 CANFD 1 Tx 300 Name 1 0 2 2 10 20 102203 133 1000 0\n",
    ],
  ],
  [
    "TRC",
    trcParser,
    [
      "     1)    1841      0001 2 00 01\n",
      ";$FILEVERSION=1.1\n;$STARTTIME=42209.4\n 1) 1059.9 Rx 0300 2 01 02\n",
      ";$FILEVERSION=2.1\n;$COLUMNS=N,O,T,B,I,d,R,L,D\n 1 1059.9 FD 1 0300 Rx - 2 01 02\n",
    ],
  ],
  ["slcan", slcanParser, ["t7E8203410005\rT18DAF1102410C\r\u0007", "d30091020304050607080910111213\rV1013\rF85\r\r"]],
];

describe("parsers of logs and adapters survive damaged input", { timeout: 120_000 }, () => {
  test.each(LOGS)("%s", (_, create, seeds) => {
    const mutate: Mutator<string> = mutateText;
    surviveMutations({ seeds, mutate, parse: (text) => readAll(create(), text) });
  });

  test("GVRET", () => {
    surviveMutations({
      seeds: [
        fromHex("F100E8030000E80700001803410C1AF800000000F109DEAD"),
        fromHex(`F114B80B0000000300000C01${"07".repeat(12)}00F10140420F00F10C03`),
      ],
      mutate: mutateBytes,
      parse: (bytes) => readAll(gvretParser(), bytes),
    });
  });
});
