import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type CanFrame, fromHex, toHex } from "../can-frame.ts";
import { normalAddress } from "../iso-tp/index.ts";
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

test("a request that cannot be sent is refused when it is made", () => {
  expect(() => ask("")).toThrow(/at least one byte/);
  expect(() => ask("2211112222333344")).toThrow(/one frame/);
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
