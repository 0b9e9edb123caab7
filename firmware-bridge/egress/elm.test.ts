import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  addressWithByte,
  type ExchangeTarget,
  fromHex,
  normalAddress,
  normalFixedAddress,
} from "../../vehicle-protocols/index.ts";
import { EgressGate } from "./approvals.ts";
import { ElmGuard } from "./elm.ts";
import { EgressRefusal } from "./refusal.ts";

const EVERYBODY: ExchangeTarget = { kind: "functional", idBits: 11 };
const ENGINE: ExchangeTarget = { kind: "physical", address: normalAddress(0x7e0, 0x7e8) };

function guarded(target: ExchangeTarget, request: string) {
  const gate = new EgressGate(() => 0);
  gate.approve({ target, request: fromHex(request) });
  const guard = new ElmGuard(gate);
  return {
    gate,
    say: (...commands: readonly string[]) => {
      for (const command of commands) guard.check(Buffer.from(`${command}\r`, "latin1"));
    },
    write: (text: string) => guard.check(Buffer.from(text, "latin1")),
  };
}

describe("what may be said to an ELM327", () => {
  it("lets the approved request pass to where it was approved, with its number of answers, and nothing else", () => {
    const { say } = guarded(ENGINE, "010C");
    say("ATZ", "ATSP6", "ATSH7E0", "010C", "010C1", "3E80");
    for (const request of ["010D", "04", "010C0D", "2EF19000", "0", "010"])
      expect(() => say(request)).toThrow(EgressRefusal);
    say("ATSH7E1");
    expect(() => say("010C")).toThrow(/7E1/);
    expect(() => say("3E80")).toThrow(/7E1/);
  });

  it("knows that a chip without a header asks all units", () => {
    const all = guarded(EVERYBODY, "0100");
    all.say("ATZ", "0100", "ATSP6", "ATSH7DF", "0100", "ATSP3", "ATSH686AF1", "0100");
    const one = guarded(ENGINE, "0100");
    expect(() => one.say("ATZ", "0100")).toThrow(/all units/);
    one.say("ATSP6", "ATSH7E0", "0100");
    // Another line may put the header back.
    expect(() => one.say("ATSP6", "0100")).toThrow(/all units/);
  });

  it("lets a unit repeat what was busy, and no other address be reached by priority or by byte", () => {
    const all = guarded(EVERYBODY, "03");
    all.say("ATSP6", "ATSH7E2", "03");
    const fixed = guarded({ kind: "physical", address: normalFixedAddress(0x10) }, "0100");
    fixed.say("ATSP7", "ATSHDA10F1", "0100");
    fixed.say("ATCP17");
    expect(() => fixed.say("0100")).toThrow(EgressRefusal);
    const body = guarded(
      { kind: "physical", address: addressWithByte(normalAddress(0x6f1, 0x607), 0x07, 0xf1) },
      "22F190",
    );
    body.say("ATSP6", "ATSH6F1", "ATCEA07", "22F190");
    body.say("ATCEA08");
    expect(() => body.say("22F190")).toThrow(EgressRefusal);
    expect(() => body.say("ATCEA", "22F190")).toThrow(EgressRefusal);
  });

  it("sends the chip's flow control to the unit that is asked, and nothing but flow control", () => {
    const { say } = guarded({ kind: "physical", address: normalAddress(0x7a0, 0x7a8) }, "22C00B");
    say("ATSP6", "ATSH7A0", "ATFCSH7A0", "ATFCSD300000", "ATFCSM1", "22C00B");
    expect(() => say("ATFCSD023E00")).toThrow(/list of commands/);
    say("ATFCSH7A1");
    expect(() => say("22C00B")).toThrow(/another unit/);
    say("ATFCSM0", "22C00B");
  });

  it("takes no command that stores, programs, monitors or sends raw frames", () => {
    const { say, write } = guarded(EVERYBODY, "0100");
    const commands = [
      "ATPP0CSV23",
      "ATPP2DON",
      "ATBRD23",
      "ATCAF0",
      "ATMA",
      "ATLP",
      "ATSD55",
      "AT@3ABCDEFGHIJKL",
      "ATWM686AF13E",
    ];
    for (const command of [...commands, "STBR115200", "STPX", "STUFC", "STSAVCAN", "STP33", "ATFE", "ATD", "ATSPA"])
      expect(() => say(command)).toThrow(EgressRefusal);
    for (const text of ["0100", "ATZ\rATPP0CSV23\r", "\r", "", "at z\r", "ATZ\n", "0100\r\r", " 0100\r", "  "])
      expect(() => write(text)).toThrow(EgressRefusal);
    expect(() => write(" ")).not.toThrow();
  });

  it("lets nothing to the car without an approved question", () => {
    const { gate, say } = guarded(EVERYBODY, "0100");
    gate.withdraw();
    say("ATZ", "ATRV", "ATPC");
    expect(() => say("0100")).toThrow(EgressRefusal);
    expect(() => say("3E80")).toThrow(EgressRefusal);
  });

  it("passes no other request, whatever was said before", () => {
    const command = fc.constantFrom(
      "ATZ",
      "ATSP6",
      "ATSP7",
      "ATSP3",
      "ATSP0",
      "ATSH7E0",
      "ATSH7DF",
      "ATSHDA10F1",
      "ATCP18",
      "ATCEA07",
      "ATCEA",
      "ATFCSM0",
    );
    const request = fc.oneof(fc.constantFrom("010C", "010C1", "3E80"), fc.stringMatching(/^[0-9A-F]{1,14}$/));
    fc.assert(
      fc.property(fc.array(command, { maxLength: 8 }), request, (commands, asked) => {
        const { say } = guarded(ENGINE, "010C");
        say(...commands);
        let passed = true;
        try {
          say(asked);
        } catch (error) {
          passed = false;
          expect(error).toBeInstanceOf(EgressRefusal);
        }
        if (passed) expect(asked).toMatch(/^(010C[0-9A-F]?|3E80)$/);
        const last = commands.findLast((text) => text.startsWith("ATSH") || text.startsWith("ATSP") || text === "ATZ");
        if (passed) expect(last).toBe("ATSH7E0");
      }),
    );
  });
});
