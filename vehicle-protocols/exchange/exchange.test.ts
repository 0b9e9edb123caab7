import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type CanFrame, fromHex, toHex } from "../can-frame.ts";
import { addressWithByte, normalAddress } from "../iso-tp/index.ts";
import { mutateBytes, mutateList, surviveMutations } from "../mutations.fixture.ts";
import { DiagnosticExchange, type ExchangeOptions, type ExchangeStep } from "./exchange.ts";

function frame(text: string): CanFrame {
  const [id = "", data = ""] = text.split("#");
  return { id: Number.parseInt(id, 16), extended: id.length === 8, data: fromHex(data) };
}

function sent(step: ExchangeStep): string[] {
  return step.send.map(({ id, data }) => `${id.toString(16).toUpperCase()}#${toHex(data)}`);
}

function answers(step: ExchangeStep): string[] | undefined {
  return step.outcome?.answers.map((answer) => {
    const who = answer.ecuId.toString(16).toUpperCase();
    if (answer.kind === "positive") return `${who} ${toHex(answer.payload)}`;
    return answer.kind === "negative" ? `${who} refused ${answer.name}` : `${who} failed ${answer.error.code}`;
  });
}

function ask(request: string, more: Partial<ExchangeOptions> = {}): DiagnosticExchange {
  return new DiagnosticExchange({ target: { kind: "functional", idBits: 11 }, request: fromHex(request), ...more });
}

const ENGINE = { kind: "physical", address: normalAddress(0x7e0, 0x7e8) } as const;

describe("a functional request", () => {
  test("goes to 7DF, hears several ECUs, sends flow control to each one's own id and ends after P2", () => {
    const exchange = ask("0902");
    expect(sent(exchange.start(0))).toEqual(["7DF#020902CCCCCCCCCC"]);
    expect(sent(exchange.receive(frame("7E8#1014490201314434"), 10))).toEqual(["7E0#300000CCCCCCCCCC"]);
    expect(sent(exchange.receive(frame("7EA#1014490201314434"), 11))).toEqual(["7E2#300000CCCCCCCCCC"]);
    exchange.receive(frame("7EA#2147503030523535"), 12);
    exchange.receive(frame("7E8#2147503030523535"), 13);
    exchange.receive(frame("7E8#2242313233343536"), 14);
    const last = exchange.receive(frame("7EA#2242313233343537"), 15);
    expect(last.outcome).toBeUndefined();
    expect(last.wakeAtMs).toBe(1000);
    expect(answers(exchange.tick(1000))).toEqual([
      "7E8 4902013144344750303052353542313233343536",
      "7EA 4902013144344750303052353542313233343537",
    ]);
  });

  test("on 29 bits goes to 18DB33F1 and answers 18DAF1xx at 18DAxxF1", () => {
    const exchange = ask("0902", { target: { kind: "functional", idBits: 29 } });
    expect(sent(exchange.start(0))).toEqual(["18DB33F1#020902CCCCCCCCCC"]);
    expect(sent(exchange.receive(frame("18DAF10E#1014490201314434"), 5))).toEqual(["18DA0EF1#300000CCCCCCCCCC"]);
    expect(sent(exchange.receive(frame("7E8#1014490201314434"), 6))).toEqual([]);
  });

  test("ends at once when all ECUs that are expected have answered", () => {
    const exchange = ask("03", { expectedEcuIds: [0x7e8, 0x7e9] });
    exchange.start(0);
    expect(exchange.receive(frame("7E9#024300"), 5).outcome).toBeUndefined();
    expect(answers(exchange.receive(frame("7E8#0443010133"), 6))).toEqual(["7E9 4300", "7E8 43010133"]);
  });

  test("waits for a message that began within P2, and says so when it never ends", () => {
    const exchange = ask("03");
    exchange.start(0);
    exchange.receive(frame("7E9#024300"), 5);
    const begun = exchange.receive(frame("7E8#1008430301330134"), 900);
    expect(begun.wakeAtMs).toBe(1900);
    expect(exchange.tick(1000).outcome).toBeUndefined();
    expect(answers(exchange.tick(1900))).toEqual(["7E9 4300", "7E8 failed iso-tp-timeout-cr"]);
  });

  test("takes the second try of an ECU whose first message broke", () => {
    const exchange = ask("03");
    exchange.start(0);
    exchange.receive(frame("7E8#1008430301330134"), 10);
    exchange.receive(frame("7E8#2201350000000000"), 11);
    exchange.receive(frame("7E8#1008430301330134"), 12);
    exchange.receive(frame("7E8#2101350000000000"), 13);
    expect(answers(exchange.tick(1000))).toEqual(["7E8 4303013301340135"]);
  });

  test("that nobody answers ends with no-answer", () => {
    const exchange = ask("03", { p2Ms: 50 });
    expect(exchange.start(7).wakeAtMs).toBe(57);
    const end = exchange.tick(57);
    expect(end.outcome).toMatchObject({ answers: [], error: { code: "no-answer" } });
    expect(end.wakeAtMs).toBeUndefined();
    expect(exchange.receive(frame("7E8#024300"), 58).outcome).toBe(end.outcome);
  });

  test("does not take late answers to another question, nor strangers, for its own", () => {
    const exchange = ask("010C");
    exchange.start(0);
    for (const stray of ["7E8#03410D30", "7E8#024300", "123#04410C1AF8", "7E8#037F0312", "7E8#300000", "7E8#"]) {
      exchange.receive(frame(stray), 10);
    }
    expect(exchange.tick(1000).outcome?.error?.code).toBe("no-answer");
  });
});

describe("an ECU that is slow or busy", () => {
  test("may announce its answer and take P2* for it, again and again, but not for ever", () => {
    const exchange = ask("0902", { target: ENGINE, maxPending: 2 });
    exchange.start(0);
    expect(exchange.receive(frame("7E8#037F0978"), 900).wakeAtMs).toBe(5900);
    expect(exchange.tick(3000).outcome).toBeUndefined();
    expect(exchange.receive(frame("7E8#037F0978"), 5000).wakeAtMs).toBe(10_000);
    expect(answers(exchange.receive(frame("7E8#037F0978"), 9000))).toEqual(["7E8 failed pending-too-long"]);
  });

  test("that announces an answer and falls silent fails after P2*", () => {
    const exchange = ask("03", { target: ENGINE });
    exchange.start(0);
    exchange.receive(frame("7E8#037F0378"), 100);
    expect(answers(exchange.tick(5100))).toEqual(["7E8 failed exchange-timeout"]);
  });

  test("answers after its announcement", () => {
    const exchange = ask("03", { target: ENGINE });
    exchange.start(0);
    exchange.receive(frame("7E8#037F0378"), 100);
    expect(answers(exchange.receive(frame("7E8#0443010133"), 4000))).toEqual(["7E8 43010133"]);
  });

  test("that is busy is asked again, alone, after a pause, and only so often", () => {
    const exchange = ask("03", { maxBusyRepeats: 1 });
    exchange.start(0);
    exchange.receive(frame("7E9#024300"), 5);
    const busy = exchange.receive(frame("7E8#037F0321"), 100);
    expect(busy.wakeAtMs).toBe(300);
    expect(sent(exchange.tick(300))).toEqual(["7E0#0103CCCCCCCCCCCC"]);
    exchange.receive(frame("7E8#037F0321"), 310);
    expect(answers(exchange.tick(1000))).toEqual(["7E9 4300", "7E8 failed busy-too-long"]);
  });

  test("that is busy once answers the repetition", () => {
    const exchange = ask("03", { target: ENGINE });
    exchange.start(0);
    exchange.receive(frame("7E8#037F0321"), 100);
    exchange.tick(300);
    expect(answers(exchange.receive(frame("7E8#0443010133"), 350))).toEqual(["7E8 43010133"]);
  });

  test("that is busy and then silent fails after P2", () => {
    const exchange = ask("03", { target: ENGINE });
    exchange.start(0);
    exchange.receive(frame("7E8#037F0321"), 100);
    expect(exchange.tick(300).wakeAtMs).toBe(1300);
    expect(answers(exchange.tick(1300))).toEqual(["7E8 failed exchange-timeout"]);
  });
});

describe("a physical request", () => {
  test("ends with the answer, or with the refusal and its name", () => {
    const positive = ask("0100", { target: ENGINE });
    expect(sent(positive.start(0))).toEqual(["7E0#020100CCCCCCCCCC"]);
    expect(answers(positive.receive(frame("7E8#064100BE1FA813"), 20))).toEqual(["7E8 4100BE1FA813"]);
    const negative = ask("0105", { target: ENGINE });
    negative.start(0);
    expect(answers(negative.receive(frame("7E8#037F0112"), 20))).toEqual(["7E8 refused sub-function-not-supported"]);
    const strange = ask("0105", { target: ENGINE });
    strange.start(0);
    expect(answers(strange.receive(frame("7E8#037F01E7"), 20))).toEqual(["7E8 refused unknown-E7"]);
  });

  test("longer than a frame waits for flow control, and P2 runs from its last frame", () => {
    const exchange = ask("22F190F18CF197F187", { target: ENGINE });
    expect(sent(exchange.start(0))).toEqual(["7E0#100922F190F18CF1"]);
    const rest = exchange.receive(frame("7E8#300000"), 500);
    expect(sent(rest)).toEqual(["7E0#2197F187CCCCCCCC"]);
    expect(rest.wakeAtMs).toBe(1500);
    expect(answers(exchange.receive(frame("7E8#0562F1904142"), 600))).toEqual(["7E8 62F1904142"]);
  });

  test("whose answer begins anew is heard to the end", () => {
    const exchange = ask("03", { target: ENGINE });
    exchange.start(0);
    exchange.receive(frame("7E8#1008430301330134"), 10);
    expect(exchange.receive(frame("7E8#1008430301330134"), 20).outcome).toBeUndefined();
    expect(answers(exchange.receive(frame("7E8#2101350000000000"), 30))).toEqual(["7E8 4303013301340135"]);
  });

  test("that the ECU does not let through ends with the transport's error", () => {
    const exchange = ask("22F190F18CF197F187", { target: ENGINE });
    exchange.start(0);
    expect(exchange.tick(1000).outcome).toMatchObject({ answers: [], error: { code: "iso-tp-timeout-bs" } });
  });
});

describe("a long request", () => {
  test("goes out in segments under the ECU's flow control, and P2 runs from its end", () => {
    const exchange = ask("22F190F18CF187F1A0", { target: ENGINE });
    expect(sent(exchange.start(0))).toEqual(["7E0#100922F190F18CF1"]);
    // An answer to another question before the request is out does not belong to it.
    expect(exchange.receive(frame("7E8#0462F190AA"), 5).outcome).toBeUndefined();
    expect(exchange.receive(frame("7E8#310000"), 900).wakeAtMs).toBe(1900);
    const rest = exchange.receive(frame("7E8#300000"), 950);
    expect(sent(rest)).toEqual(["7E0#2187F1A0CCCCCCCC"]);
    expect(rest.wakeAtMs).toBe(1950);
    expect(answers(exchange.receive(frame("7E8#0662F18C010203"), 1500))).toEqual(["7E8 62F18C010203"]);
  });

  test("whose flow control says overflow ends with that", () => {
    const exchange = ask("22F190F18CF187F1A0", { target: ENGINE });
    exchange.start(0);
    expect(exchange.receive(frame("7E8#320000"), 10).outcome).toMatchObject({ error: { code: "iso-tp-overflow" } });
  });

  test("fits one frame on CAN FD, and so does its answer", () => {
    const exchange = ask("22F190F18CF187F1A0", { target: ENGINE, frameLength: 64 });
    const start = exchange.start(0);
    expect(sent(start)).toEqual(["7E0#000922F190F18CF187F1A0CC"]);
    expect(start.send[0]?.fd).toBe(true);
    const first = exchange.receive(frame(`7E8#1041${"62F190"}${"31".repeat(59)}`), 5);
    expect(first.send).toMatchObject([{ id: 0x7e0, fd: true }]);
    expect(answers(exchange.receive(frame("7E8#21323334"), 6))).toEqual([`7E8 62F190${"31".repeat(59)}323334`]);
  });
});

describe("other addressing", () => {
  const bmw = (ecu: number) => addressWithByte(normalAddress(0x6f1, 0x600 + ecu), ecu, 0xf1);

  test("extended: the ECU's byte stands before each frame, ours before its answers", () => {
    const exchange = ask("22DDBC", { target: { kind: "physical", address: bmw(0x07) } });
    expect(sent(exchange.start(0))).toEqual(["6F1#070322DDBCCCCCCC"]);
    expect(sent(exchange.receive(frame("607#F1100862DDBC0102"), 3))).toEqual(["6F1#07300000CCCCCCCC"]);
    expect(exchange.receive(frame("607#F22103040500"), 4).outcome).toBeUndefined();
    const end = exchange.receive(frame("607#F121030405"), 5);
    expect(end.outcome?.answers).toMatchObject([
      { ecuId: 0x607, addressByte: 0xf1, payload: fromHex("62DDBC0102030405") },
    ]);
  });

  test("a group: one question to all, each asked to go on at its own byte, over when all have answered", () => {
    const exchange = ask("22F190", {
      target: {
        kind: "group",
        request: { transmitId: 0x6f1, extended: false, transmitAddressByte: 0xdf },
        ecus: [bmw(0x07), bmw(0x12)],
      },
    });
    expect(sent(exchange.start(0))).toEqual(["6F1#DF0322F190CCCCCC"]);
    expect(sent(exchange.receive(frame("612#F1100862F1900102"), 3))).toEqual(["6F1#12300000CCCCCCCC"]);
    exchange.receive(frame("640#F10462F19099"), 4);
    exchange.receive(frame("607#F10462F19055"), 4);
    const end = exchange.receive(frame("612#F121030405"), 5);
    expect(answers(end)).toEqual(["612 62F1900102030405", "607 62F19055"]);
  });
});

test("silence is the wanted answer to 3E 80, a refusal is still heard", () => {
  const quiet = ask("3E80", { p2Ms: 50 });
  quiet.start(0);
  expect(quiet.tick(50).outcome).toEqual({ answers: [] });
  const refused = ask("3E80", { p2Ms: 50, target: ENGINE });
  refused.start(0);
  expect(answers(refused.receive(frame("7E8#037F3E11"), 10))).toEqual(["7E8 refused service-not-supported"]);
});

test("a request that cannot be sent is refused when it is made", () => {
  expect(() => ask("")).toThrow(/at least one byte/);
  expect(() => ask("2211112222333344")).toThrow(/one frame of 7 bytes/);
  expect(() => ask("22".repeat(63), { frameLength: 64 })).toThrow(/one frame of 62 bytes/);
  const request = { transmitId: 0x6f1, extended: false, transmitAddressByte: 0xdf };
  expect(() => ask("22111122223333", { target: { kind: "group", request, ecus: [] } })).toThrow(/one frame of 6 bytes/);
});

test("an ECU that begins messages without end cannot keep an exchange alive", () => {
  const exchange = ask("03", { target: ENGINE, overallMs: 10_000 });
  exchange.start(0);
  let end: ExchangeStep | undefined;
  for (let nowMs = 10; end?.outcome === undefined && nowMs < 60_000; nowMs += 400) {
    end = exchange.receive(frame("7E8#1008430301330134"), nowMs);
  }
  expect(answers(end ?? { send: [], wakeAtMs: undefined })).toBeDefined();
});

test("whatever arrives, an exchange ends by its overall deadline, never sleeps into the past and never throws", () => {
  const pieces = [
    "1008430301330134",
    "2101350000000000",
    "2201350000000000",
    "037F0378",
    "037F0321",
    "037F0311",
    "0443010133",
    "024300",
    "300000",
    "310000",
    "30027F",
  ];
  const data = fc.oneof(fc.constantFrom(...pieces).map(fromHex), fc.uint8Array({ maxLength: 9 }));
  const frames = fc.array(
    fc.record({
      id: fc.constantFrom(0x7e8, 0x7e9, 0x7ef, 0x100),
      extended: fc.constantFrom(false, false, true),
      data,
      waitMs: fc.integer({ min: 0, max: 700 }),
    }),
    { maxLength: 80 },
  );
  const targets = fc.constantFrom({ kind: "functional", idBits: 11 } as const, ENGINE);
  fc.assert(
    fc.property(frames, targets, fc.constantFrom("03", "22F190F18C"), (list, target, request) => {
      const exchange = ask(request, { target, overallMs: 20_000, maxPending: 3 });
      let nowMs = 0;
      let step = exchange.start(nowMs);
      for (const { waitMs, ...next } of list) {
        nowMs += waitMs;
        while (step.wakeAtMs !== undefined && step.wakeAtMs <= nowMs) step = exchange.tick(step.wakeAtMs);
        step = exchange.receive(next, nowMs);
        if (step.outcome === undefined) expect(step.wakeAtMs).toBeGreaterThan(nowMs);
      }
      for (let turns = 0; step.outcome === undefined; turns++) {
        expect(turns).toBeLessThan(500);
        nowMs = step.wakeAtMs ?? Number.NaN;
        expect(nowMs).toBeLessThanOrEqual(20_000);
        step = exchange.tick(nowMs);
      }
    }),
    { numRuns: 3000 },
  );
});

test("100,000 mutated conversations end without exception, hang or growth", { timeout: 120_000 }, () => {
  const heard = (...list: string[]): readonly Uint8Array[] => list.map(fromHex);
  const target = { kind: "functional", idBits: 11 } as const;
  surviveMutations({
    seeds: [
      heard("300000", "1014490201314434", "2147503030523535", "2242313233343536"),
      heard("037F0978", "037F0921", "300000", "037F0911"),
      heard("310000", "30027F", `0014490201${"31".repeat(17)}`, `1041490201${"31".repeat(60)}`, "21323334"),
    ],
    mutate: mutateList(mutateBytes),
    parse: (frames) => {
      const request = fromHex(frames.length % 2 === 0 ? "0902" : "22F190F18CF187F1A0");
      const exchange = ask("", { request, target: request.length > 7 ? ENGINE : target, maxPending: 2 });
      let nowMs = 0;
      let step = exchange.start(nowMs);
      for (const [n, data] of frames.entries()) {
        nowMs += (n * 97) % 400;
        step = exchange.receive({ id: 0x7e8 + (n % 3 === 0 ? 1 : 0), extended: false, data }, nowMs);
      }
      for (let turns = 0; step.outcome === undefined; turns++) {
        if (turns > 100) throw new Error("the exchange does not end");
        step = exchange.tick(step.wakeAtMs ?? Number.NaN);
      }
      return step.outcome;
    },
  });
});
