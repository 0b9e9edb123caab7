import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { inShort, readAll, readInAnyPieces } from "./pieces.fixture.ts";
import { FD_LENGTHS } from "./record.ts";
import { encodeSlcanCommand, encodeSlcanFrame, slcanParser } from "./slcan.ts";

const read = (text: string) =>
  readInAnyPieces(slcanParser, text).map((item) => (item.kind === "reply" ? item : inShort(item)));

describe("what an slcan adapter sends", () => {
  test("frames of both lengths, remote ones, CAN FD, and timestamps over their wrap", () => {
    expect(
      read(
        [
          "t7E8803410C1AF8000000",
          "T18DAF1102410C",
          "r1230",
          "R000001234",
          "t1232AABBEA5F",
          "t1232AABB0000",
          `d3009${"01".repeat(12)}`,
          `B18DAF110F${"02".repeat(64)}0005`,
          "",
        ].join("\r"),
      ),
    ).toEqual([
      "- - rx 7E8#03410C1AF8000000",
      "- - rx 18DAF110#410C",
      "- - rx remote 123",
      "- - rx remote 00000123",
      "59999 - rx 123#AABB",
      "60000 - rx 123#AABB",
      `- - rx 300##${"01".repeat(12)}`,
      `60005 - rx 18DAF110##${"02".repeat(64)}`,
    ]);
  });

  test("replies, in the ways of several adapters", () => {
    expect(read("\r\u0007V1013\rNA123\rF85\rz\rZ\r\nt12\u0007")).toEqual([
      { kind: "reply", reply: "ok" },
      { kind: "reply", reply: "error" },
      { kind: "reply", reply: "version", text: "1013" },
      { kind: "reply", reply: "serial-number", text: "A123" },
      { kind: "reply", reply: "status", problems: ["receive-queue-full", "error-warning", "bus-error"] },
      { kind: "reply", reply: "sent" },
      { kind: "reply", reply: "sent" },
      "unreadable 7: t12",
      { kind: "reply", reply: "error" },
    ]);
  });

  test("the version of an adapter of the CANtact family, which says it in its own way", () => {
    for (const text of ["b158aa7 https://example.org/canable-fw.git", "v1.0-3-gb158aa7-dirty git@example.org:me/fw"])
      expect(read(`${text}\r`)).toEqual([{ kind: "reply", reply: "cantact-version", text }]);
    expect(read("t12 41/\r")).toEqual(["unreadable 1: t12 41/"]);
  });

  test("lines that are no frames", () => {
    const lines = [
      "t8000",
      "t1239112233445566778899",
      "t12321",
      "t1232AABBFFFF",
      "T200000000",
      "tXYZ0",
      "t1232AABB0",
      "hello",
    ];
    expect(read(`${lines.join("\r")}\r`)).toEqual(lines.map((line, n) => `unreadable ${n + 1}: ${line}`));
    expect(readAll(slcanParser(), "x".repeat(100_000))).toEqual([
      { kind: "unreadable", line: 1, text: `${"x".repeat(120)}…` },
    ]);
  });
});

describe("what is sent to an slcan adapter", () => {
  test("commands", () => {
    const text = (bytes: Uint8Array) => Buffer.from(bytes).toString("ascii");
    expect(text(encodeSlcanCommand({ bitRateKbit: 500 }))).toBe("S6\r");
    expect(text(encodeSlcanCommand({ bitRateKbit: 1000 }))).toBe("S8\r");
    expect(text(encodeSlcanCommand("listen-only"))).toBe("L\r");
    expect(text(encodeSlcanCommand("silent"))).toBe("M1\r");
    expect(text(encodeSlcanCommand("timestamps-on"))).toBe("Z1\r");
    expect(text(encodeSlcanCommand("close"))).toBe("C\r");
  });

  test("every frame comes back as it was", () => {
    fc.assert(
      fc.property(
        fc.boolean(),
        fc.boolean(),
        fc.integer({ min: 0, max: 0x1fffffff }),
        fc.constantFrom(...FD_LENGTHS),
        (extended, fd, anyId, length) => {
          const data = new Uint8Array(fd ? length : Math.min(8, length)).fill(0xa5);
          const id = extended ? anyId : anyId & 0x7ff;
          const frame = fd ? { id, extended, data, fd } : { id, extended, data };
          expect(readAll(slcanParser(), encodeSlcanFrame(frame))).toMatchObject([{ kind: "data", frame }]);
        },
      ),
    );
  });

  test("no frame that CAN does not have", () => {
    const data = new Uint8Array(9);
    expect(() => encodeSlcanFrame({ id: 1, extended: false, data })).toThrow(/no CAN frame/);
    expect(() => encodeSlcanFrame({ id: 1, extended: false, data, fd: true })).toThrow(/no CAN frame/);
    expect(() => encodeSlcanFrame({ id: 0x800, extended: false, data: new Uint8Array() })).toThrow(/no CAN frame/);
  });
});
