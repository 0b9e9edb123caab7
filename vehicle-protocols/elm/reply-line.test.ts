import { describe, expect, test } from "vitest";
import { fromHex } from "../can-frame.ts";
import { mutateBytes, surviveMutations } from "../mutations.fixture.ts";
import { ElmLineReader } from "./line-reader.ts";
import { type ElmBus, type ElmReplyPart, readReplyLine } from "./reply-line.ts";

const bytes = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const data = (hex: string) => fromHex(hex);
const can = (id: number, hex: string, extended = false): ElmReplyPart => ({
  kind: "can",
  frame: { id, extended, data: data(hex) },
});
const notice = (word: string) => ({ kind: "notice", notice: word });

function lines(text: string): string[] {
  return new ElmLineReader()
    .push(bytes(text))
    .map((token) => (token.kind === "prompt" ? ">" : token.garbled ? `garbled ${token.text}` : token.text));
}

describe("the stream of an ELM327", () => {
  test("is cut at CR, LF or both, and at the prompt", () => {
    expect(lines("\r\rELM327 v1.5\r\r>")).toEqual(["ELM327 v1.5", ">"]);
    expect(lines("41 00 BE\r\n\r\n>41 0C\n>")).toEqual(["41 00 BE", ">", "41 0C", ">"]);
    expect(lines("OK>")).toEqual(["OK", ">"]);
  });

  test("may be split anywhere", () => {
    const stream = bytes("SEARCHING...\r7E8 06 41 00 BE 3F A8 13 \r7E9 06 41 00 80 00 00 01 \r\r>");
    const whole = new ElmLineReader().push(stream);
    for (let at = 0; at <= stream.length; at++) {
      const reader = new ElmLineReader();
      expect([...reader.push(stream.subarray(0, at)), ...reader.push(stream.subarray(at))]).toEqual(whole);
    }
    const reader = new ElmLineReader();
    expect([...stream].flatMap((byte) => reader.push(Uint8Array.of(byte)))).toEqual(whole);
  });

  test("loses NUL bytes and shows bytes that no chip prints as garbled", () => {
    expect(lines("4\u00001 0\u00000\r>")).toEqual(["41 00", ">"]);
    expect(lines("\u00fc\u0081x\r41 00\r>")).toEqual(["garbled x", "41 00", ">"]);
  });

  test("keeps no line longer than any answer", () => {
    const reader = new ElmLineReader();
    for (let i = 0; i < 1000; i++) expect(reader.push(bytes("A".repeat(1000)))).toEqual([]);
    const [token] = reader.push(bytes("\r"));
    expect(token).toMatchObject({ kind: "line", garbled: true });
    expect(token?.kind === "line" && token.text.length).toBe(1024);
    expect(reader.push(bytes("OK\r"))).toEqual([{ kind: "line", text: "OK", garbled: false }]);
  });
});

describe("one line of an ELM327", () => {
  const cases: readonly (readonly [text: string, bus: ElmBus | undefined, parts: readonly object[]])[] = [
    ["OK", undefined, [{ kind: "ok" }]],
    ["?", undefined, [{ kind: "unknown-command" }]],
    ["ELM327 v1.5", undefined, [{ kind: "banner", text: "ELM327 v1.5" }]],
    ["OBDII to RS232 Interpreter", undefined, [{ kind: "banner", text: "OBDII to RS232 Interpreter" }]],
    ["STN1110 v4.2.0", undefined, [{ kind: "text", text: "STN1110 v4.2.0" }]],
    ["VENDOR OPTION", undefined, [{ kind: "text", text: "VENDOR OPTION" }]],
    ["12.6V", undefined, [{ kind: "volts", volts: 12.6 }]],
    ["A6", "can-11", [{ kind: "bare", data: data("A6") }]],
    ["7E8 06 41 00 BE 3F A8 13", "can-11", [can(0x7e8, "064100BE3FA813")]],
    ["7E8064100BE3FA813", undefined, [can(0x7e8, "064100BE3FA813")]],
    ["7e803410c1af8", "can-11", [can(0x7e8, "03410C1AF8")]],
    ["18 DA F1 10 06 41 00 BE 3F A8 13", "can-29", [can(0x18daf110, "064100BE3FA813", true)]],
    ["18DAF110064100BE3FA813", undefined, [can(0x18daf110, "064100BE3FA813", true)]],
    ["SEARCHING...", undefined, [notice("searching")]],
    ["SEARCHING...7E8 06 41 00 BE 3F A8 13", undefined, [notice("searching"), can(0x7e8, "064100BE3FA813")]],
    ["BUS INIT: ...OK", undefined, [notice("bus-init")]],
    ["BUS INIT: OK", undefined, [notice("bus-init")]],
    ["BUS INIT: ...ERROR", undefined, [notice("bus-init-error")]],
    [
      "BUS INIT: ...OK48 6B 10 41 00 BE 3E B8 11 C9",
      "k-line",
      [notice("bus-init"), { kind: "legacy", target: 0x6b, source: 0x10, data: data("4100BE3EB811") }],
    ],
    ["NO DATA", "can-11", [notice("no-data")]],
    ["NODATA", "can-11", [notice("no-data")]],
    ["STOPPED", "can-11", [notice("stopped")]],
    ["UNABLE TO CONNECT", undefined, [notice("unable-to-connect")]],
    ["CAN ERROR", "can-11", [notice("can-error")]],
    ["BUS ERROR", "k-line", [notice("bus-error")]],
    ["BUS BUSY", "k-line", [notice("bus-busy")]],
    ["BUFFER FULL", "can-11", [notice("buffer-full")]],
    ["7E8 06 41 00 BE <DATA ERROR", "can-11", [notice("data-error")]],
    ["DATA ERROR", "can-11", [notice("data-error")]],
    ["7E8 06 41 <RX ERROR", "can-11", [notice("rx-error")]],
    ["FB ERROR", "j1850-pwm", [notice("feedback-error")]],
    ["!ACT ALERT", undefined, [notice("activity-alert")]],
    ["LV RESET", undefined, [notice("low-voltage-reset")]],
    ["ERR94", "can-11", [notice("internal-error")]],
    ["FC: 7E0 30 00 00", "can-11", [notice("flow-control")]],
    // Headers off: length, index and bytes.
    ["014", "can-11", [{ kind: "length", length: 20 }]],
    ["0: 49 02 01 31 44 34", "can-11", [{ kind: "segment", index: 0, data: data("490201314434") }]],
    ["2:54313233343536", "can-11", [{ kind: "segment", index: 2, data: data("54313233343536") }]],
    ["41 0C 1A F8", "can-11", [{ kind: "bare", data: data("410C1AF8") }]],
    ["41 0C 1A F8", "can-29", [{ kind: "bare", data: data("410C1AF8") }]],
    // K-line and J1850: header, data, checksum.
    [
      "48 6B 10 43 01 33 00 00 00 00 3A",
      "k-line",
      [{ kind: "legacy", target: 0x6b, source: 0x10, data: data("43013300000000") }],
    ],
    ["84 F1 11 41 0C 1A F8 E5", "k-line", [{ kind: "legacy", target: 0xf1, source: 0x11, data: data("410C1AF8") }]],
    ["80 F1 11 04 41 0C 1A F8 E5", "k-line", [{ kind: "legacy", target: 0xf1, source: 0x11, data: data("410C1AF8") }]],
    [
      "48 6B 10 41 00 BE 3E B8 11 FA",
      "j1850-vpw",
      [{ kind: "legacy", target: 0x6b, source: 0x10, data: data("4100BE3EB811") }],
    ],
    // Something was lost on the way: neither an id nor a checksum fits. What is left is no answer to anything.
    ["7E8 06 41 00 BE 3F A8 1", "can-11", [{ kind: "bare", data: data("7E8064100BE3FA81") }]],
    ["48 6B 10 41 00 BE 3E B8 11 C8", "k-line", [{ kind: "bare", data: data("486B104100BE3EB811C8") }]],
    ["01 00", "can-11", [{ kind: "garbage" }]],
    ["7E8 06 41 00 BE 3F A8 13 00 00 00", "can-11", [{ kind: "garbage" }]],
    ["FFF 06 41 00 BE 3F A8 13", "can-11", [{ kind: "garbage" }]],
  ];

  test.each(cases)("%s", (text, bus, parts) => {
    expect(readReplyLine(text, bus)).toEqual(parts);
  });

  test("survives a hundred thousand mutations", () => {
    const buses: readonly (ElmBus | undefined)[] = [undefined, "can-11", "can-29", "k-line", "j1850-pwm", "j1850-vpw"];
    surviveMutations({
      seeds: cases.map(([text]) => bytes(`${text}\r\r>`)),
      mutate: mutateBytes,
      parse: (input) => {
        const tokens = new ElmLineReader().push(input);
        const bus = buses[input.length % buses.length];
        return tokens.map((token) => (token.kind === "line" ? readReplyLine(token.text, bus) : token));
      },
    });
  });
});
