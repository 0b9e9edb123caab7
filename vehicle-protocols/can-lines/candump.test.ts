import { expect, test } from "vitest";
import { candumpParser } from "./candump.ts";
import { inShort, readInAnyPieces } from "./pieces.fixture.ts";

const read = (text: string) => readInAnyPieces(candumpParser, text).map(inShort);

test("log lines: classic, extended, remote, raw length codes, CAN FD, errors and direction", () => {
  expect(
    read(
      [
        "(1436509052.249713) vcan0 044#2A366C2BBA",
        "(1436509053.25) can0 18DAF110#03.41.0C",
        "(0.5) can1 7DF# T",
        "(0.5) can1 7DF#02010C R",
        "(1) can0 123#R",
        "(1) can0 123#R8_E",
        "(1) can0 123#1122334455667788_B",
        "(1) can0 1F334455##1112233",
        `(1) can0 213##0${"AB".repeat(64)}`,
        "(1) can0 20000004#0004000000000000",
        "",
      ].join("\n"),
    ),
  ).toEqual([
    "1436509052249.713 vcan0 - 044#2A366C2BBA",
    "1436509053250 can0 - 18DAF110#03410C",
    "500 can1 tx 7DF#",
    "500 can1 rx 7DF#02010C",
    "1000 can0 - remote 123",
    "1000 can0 - remote 123",
    "1000 can0 - 123#1122334455667788",
    "1000 can0 - 1F334455##112233",
    `1000 can0 - 213##${"AB".repeat(64)}`,
    "1000 can0 - error 20000004#0004000000000000",
  ]);
});

test("what candump prints on the screen", () => {
  expect(
    read(
      [
        "  can0  7E8   [8]  03 41 0C 1A F8 00 00 00   '.A......'",
        " (000.001500)  can0  RX - -  18DAF110   [3]  01 02 03",
        " (2023-07-01 12:34:56.500000)  can0  TX B E  123  [12]  01 02 03 04 05 06 07 08 09 0A 0B 0C",
        "  vcan0  123   [0]",
        "  vcan0  123   [2]  remote request",
        "  can0  20000080   [8]  00 00 00 00 00 00 00 00   ERRORFRAME",
      ].join("\r\n"),
    ),
  ).toEqual([
    "- can0 - 7E8#03410C1AF8000000",
    "1.5 can0 rx 18DAF110#010203",
    `${Date.UTC(2023, 6, 1, 12, 34, 56, 500)} can0 tx 123##0102030405060708090A0B0C`,
    "- vcan0 - 123#",
    "- vcan0 - remote 123",
    "- can0 - error 20000080 00 00 00 00 00 00 00 00 ERRORFRAME",
  ]);
});

test("lines that are no frames are named, and the next ones read", () => {
  const lines = [
    "(1) can0 800#00",
    "(1) can0 123#0",
    "(1) can0 123#112233445566778899",
    "(1) can0 1234#00",
    "(1) can0 123##",
    "(1) can0 00043#81:00:12345678#11",
    "interface = can0",
    "(x) can0 123#00",
  ];
  expect(read(lines.join("\n"))).toEqual([
    ...lines.slice(0, 7).map((line, n) => `unreadable ${n + 1}: ${line}`),
    "- can0 - 123#00",
  ]);
  const [long] = readInAnyPieces(candumpParser, `${"x".repeat(5000)}\n`);
  expect(long).toEqual({ kind: "unreadable", line: 1, text: `${"x".repeat(120)}…` });
});
