import { describe, expect, test } from "vitest";
import { fromHex, toHex } from "../can-frame.ts";
import { ProtocolError } from "../errors.ts";
import type { EcuAnswer } from "../exchange/index.ts";
import { type ProbeConclusion, ProtocolProbe } from "./protocol-probe.ts";

/** A car as it would answer: by identifiers and request, the ECUs' answers as `id payload`. */
type Car = Readonly<Record<string, readonly string[]>>;

function answerOf(text: string, isExtended: boolean): EcuAnswer {
  const [id = "", payload = ""] = text.split(" ");
  const who = { ecuId: Number.parseInt(id, 16), extended: isExtended };
  if (payload === "broken") return { ...who, kind: "failed", error: new ProtocolError("iso-tp-timeout-cr", "torn") };
  const bytes = fromHex(payload);
  if (bytes[0] === 0x7f) return { ...who, kind: "negative", code: bytes[2] ?? 0, name: "refused" };
  return { ...who, kind: "positive", payload: bytes };
}

function probe(car: Car, idBits?: readonly [11 | 29]): { asked: string[]; conclusion: ProbeConclusion | undefined } {
  const machine = new ProtocolProbe(idBits);
  const asked: string[] = [];
  for (let question = machine.next(); question !== undefined; question = machine.next()) {
    expect(asked.length).toBeLessThan(12);
    const key = `${question.idBits} ${toHex(question.request)}`;
    asked.push(key);
    machine.take((car[key] ?? []).map((text) => answerOf(text, question.idBits === 29)));
  }
  return { asked, conclusion: machine.conclusion };
}

describe("the probe for a car's protocol", () => {
  test("ends at once with a car that speaks SAE J1979, on 11 or on 29 bits", () => {
    const { asked, conclusion } = probe({ "11 0100": ["7E8 4100BE1FA813", "7E9 410080000000"] });
    expect(asked).toEqual(["11 0100"]);
    expect(conclusion).toEqual({ standard: "obd", idBits: 11, ecuIds: [0x7e8, 0x7e9], accessDenied: false });
    const wide = probe({ "29 0100": ["18DAF110 4100BE1FA813"] });
    expect(wide.asked).toEqual(["11 0100", "29 0100"]);
    expect(wide.conclusion).toMatchObject({ standard: "obd", idBits: 29, ecuIds: [0x18daf110] });
  });

  test("finds OBD on UDS behind silence or refusals of SAE J1979", () => {
    const uds = { "11 22F810": ["7E8 62F81002"], "11 22F41C": ["7E8 62F41C01"] };
    const silent = probe(uds);
    expect(silent.asked).toEqual(["11 0100", "29 0100", "11 22F810", "11 22F41C"]);
    expect(silent.conclusion).toEqual({
      standard: "obd-on-uds",
      idBits: 11,
      ecuIds: [0x7e8],
      protocolId: 2,
      accessDenied: false,
    });
    const refused = probe({ ...uds, "11 0100": ["7E8 7F0111"] });
    expect(refused.asked).toEqual(["11 0100", "11 22F810", "11 22F41C"]);
    expect(refused.conclusion).toMatchObject({ standard: "obd-on-uds", idBits: 11 });
  });

  test("tells WWH-OBD by the regulation, or by the counters that only it has", () => {
    const byRegulation = probe({ "29 22F810": ["18DAF100 62F81001"], "29 22F41C": ["18DAF100 62F41C15"] });
    expect(byRegulation.conclusion).toMatchObject({ standard: "wwh-obd", idBits: 29, protocolId: 1 });
    const byCounters = probe({ "29 22F810": ["18DAF100 62F81001"], "29 22F491": ["18DAF100 62F4910300050007"] });
    expect(byCounters.asked.slice(-2)).toEqual(["29 22F41C", "29 22F491"]);
    expect(byCounters.conclusion).toMatchObject({ standard: "wwh-obd", idBits: 29 });
  });

  test("a car that only refuses, or answers only TesterPresent, speaks ISO 14229-1 alone", () => {
    const refuses = probe({ "11 0100": ["7E8 7F0111"], "11 22F810": ["7E8 7F2231"] });
    expect(refuses.asked).toEqual(["11 0100", "11 22F810"]);
    expect(refuses.conclusion).toMatchObject({ standard: "uds", idBits: 11, ecuIds: [0x7e8] });
    const present = probe({ "29 3E00": ["18DAF140 7E00", "18DAF141 7E00"] });
    expect(present.asked).toHaveLength(6);
    expect(present.conclusion).toMatchObject({ standard: "uds", idBits: 29, ecuIds: [0x18daf140, 0x18daf141] });
  });

  test("notes that an ECU wants to know who asks", () => {
    const { conclusion } = probe({ "11 0100": ["7E8 7F0133"], "11 22F810": ["7E8 7F2234"] });
    expect(conclusion).toMatchObject({ standard: "uds", accessDenied: true });
  });

  test("silence after all questions is said as such", () => {
    const { asked, conclusion } = probe({});
    expect(asked).toEqual(["11 0100", "29 0100", "11 22F810", "29 22F810", "11 3E00", "29 3E00"]);
    expect(conclusion).toEqual({ standard: "silent" });
    expect(probe({}, [29]).asked).toEqual(["29 0100", "29 22F810", "29 3E00"]);
  });

  test("an answer that breaks off is asked for again, and a second time it is a sign of life only", () => {
    const torn = probe({ "11 0100": ["7E8 broken"] });
    expect(torn.asked).toEqual(["11 0100", "11 0100", "11 22F810"]);
    expect(torn.conclusion).toMatchObject({ standard: "uds", ecuIds: [0x7e8] });
  });

  test("answers that come after the end, or to nothing, change nothing", () => {
    const machine = new ProtocolProbe([11]);
    machine.take([answerOf("7E8 4100BE1FA813", false)]);
    const { conclusion } = machine;
    machine.take([answerOf("7E9 62F81002", false)]);
    expect(machine.conclusion).toBe(conclusion);
    expect(machine.next()).toBeUndefined();
  });
});
